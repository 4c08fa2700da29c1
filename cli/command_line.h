/* The program but for what it does to its process. */
#ifndef JF_CLI_COMMAND_LINE_H
#define JF_CLI_COMMAND_LINE_H

/* Runs `joulefit argv[1] ...` and returns its exit code. Signals, GSL's error handler and OpenBLAS's threads
 * are the caller's. */
int jf_command_line_run(int argc, char **argv);

#endif
