/* Draws the simulated BERT sweep: draw_bert_sweep TRUTH.yaml [OUT.csv]. */
#include <stdio.h>
#include "core/output.h"
#include "proxies/simulate_sweep.h"

int main(int argc, char **argv)
{
    jf_status status = JF_OK;
    jf_error err = {0};
    jf_sim_sweep sweep = {0};
    jf_text csv = {0};
    size_t n_left_out = 0;

    if (argc < 2 || argc > 3) {
        fputs("usage: draw_bert_sweep TRUTH.yaml [OUT.csv]\n", stderr);
        return jf_status_exit_code(JF_EUSAGE);
    }
    JF_TRY(jf_sim_sweep_read(argv[1], &sweep, &err));
    JF_TRY(jf_sim_sweep_draw(&sweep, &csv, &n_left_out, &err));
    JF_TRY(jf_output_write(argc > 2 ? argv[2] : "-", csv.data, csv.length, &err));
    fprintf(stderr, "%zu runs do not fit in memory and are left out\n", n_left_out);
done:
    if (status != JF_OK) fprintf(stderr, "draw_bert_sweep: %s\n", err.message);
    jf_text_free(&csv);
    jf_sim_sweep_free(&sweep);
    return jf_status_exit_code(status);
}
