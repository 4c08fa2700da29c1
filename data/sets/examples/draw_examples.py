#!/usr/bin/env python3
"""Draws the simulated example files of this folder: a day of twelve training runs as three tools would have logged
it. Nothing here was measured. Run it in this folder; it writes the same bytes every time."""
import datetime
import random

random.seed(20260815)
clock = datetime.datetime(2026, 8, 15, 9, 0, 0)
runs, log, emissions = [], [], []


def stamp(t):
    return t.strftime("%Y-%m-%dT%H:%M:%S")


def idle(seconds):
    global clock
    for _ in range(seconds // 2):
        log.append((clock, random.gauss(55, 1)))
        clock += datetime.timedelta(seconds=2)


idle(20)
for layers in (4, 8, 12):
    for hidden in (256, 512, 768, 1024):
        run_id = f"bert-{layers}x{hidden}"
        parameters, tokens = 12 * layers * hidden**2, 50_000_000
        seconds = 2 * round((40 + 6 * parameters * tokens / 1e14 * random.lognormvariate(0, 0.05)) / 2)
        level = 180 + 35 * layers**0.5 * random.lognormvariate(0, 0.03)
        start, gpu_j = clock, 0.0
        for i in range(seconds // 2):
            power = level * random.lognormvariate(0, 0.01)
            log.append((clock, power))
            gpu_j += 2 * power
            clock += datetime.timedelta(seconds=2)
            if i in (seconds // 4, seconds // 2 - 1):  # CodeCarbon writes on flush and at the end
                done = 2 * (i + 1)
                emissions.append((stamp(clock), run_id, done, gpu_j / 3.6e6, 65.0 * done / 3.6e6, 20.0 * done / 3.6e6))
        runs.append((run_id, stamp(start), stamp(clock), layers, hidden, 32, 512, tokens))
        idle(20)

with open("simulated_gpu_power.csv", "w") as f:
    f.write("timestamp, index, name, power.draw.instant [W]\n")
    for t, power in log:
        f.write(f"{t.strftime('%Y/%m/%d %H:%M:%S')}.000, 0, NVIDIA A100-SXM4-40GB, {power:.2f} W\n")
with open("simulated_runs.csv", "w") as f:
    f.write("run_id,start,end,num_layers,hidden_size,batch_size,seq_len,tokens\n")
    for row in runs:
        f.write(",".join(str(x) for x in row) + "\n")
with open("simulated_emissions.csv", "w") as f:
    f.write("timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,"
            "cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,region,cloud_provider,"
            "cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,"
            "ram_total_size,tracking_mode,on_cloud,pue\n")
    for when, run_id, seconds, gpu, cpu, ram in emissions:
        total = gpu + cpu + ram
        co2 = 0.057 * total
        f.write(f"{when},simulated,{run_id},none,{seconds},{co2:.9g},{co2 / seconds:.9g},65.0,{gpu * 3.6e6 / seconds:.6g},20.0,"
                f"{cpu:.9g},{gpu:.9g},{ram:.9g},{total:.9g},France,FRA,ile-de-france,,,Linux,3.11.2,2.7.0,16,"
                f"\"Simulated CPU, 16 cores\",1,1 x NVIDIA A100-SXM4-40GB,2.3,48.9,53.3,machine,N,1.0\n")
