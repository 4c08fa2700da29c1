# Designs of coverage.py: awk -v design=NAME -v size=N -f coverage_designs.awk
# Inputs spread evenly on the logarithm, as in sweeps that are measured.
BEGIN {
    if (design == "line") { # runs: x over three decades
        print "x"
        for (i = 0; i < size; i++) printf "%.6g\n", 10 ^ (3 * i / (size - 1))
    } else if (design == "chinchilla") { # runs: 15 sizes of models, each with size/15 numbers of tokens
        m = size / 15
        print "N,D"
        for (i = 0; i < 15; i++)
            for (j = 0; j < m; j++) printf "%.6g,%.6g\n", 4e7 * 500 ^ (i / 14), 2e8 * 5000 ^ (j / (m - 1))
    } else if (design == "grouped") { # groups of four runs: x is the group's own, z goes up within it
        print "g,x,z"
        for (g = 0; g < size; g++)
            for (m = 0; m < 4; m++) printf "%d,%.6g,%d\n", g, 10 ^ (3 * ((7 * g) % size) / (size - 1)), 2 ^ m
    }
}
