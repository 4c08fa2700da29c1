# data.table::fread reading a CSV on one thread.  usage: Rscript fread_load.R CSV      prints one JSON line
suppressMessages(library(data.table))
setDTthreads(1)
begin <- proc.time()[[3]]
d <- fread(commandArgs(TRUE)[1])
total <- sum(d$v00)
cat(sprintf('{"seconds": %.6f, "count": %d, "loss": %.15g}\n', proc.time()[[3]] - begin, nrow(d), total))
