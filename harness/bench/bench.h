/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench.h - what the parts of the benchmark share */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "harness/run/session.h"

/** bench_say() - One figure */
void bench_say(const char *name, double value, const char *unit);
/** bench_at_most(), bench_at_least() - One figure with its target, and whether that was missed */
void bench_at_most(const char *name, double value, const char *unit, double target);
void bench_at_least(const char *name, double value, const char *unit, double target);
/** bench_median() - Of @n values; sorts them */
double bench_median(double *values, size_t n);

/** bench_starts() - Cold boot and warm start, each to the first answer over ssh */
void bench_starts(const struct session *s);
/** bench_port() - Bytes through a port, by the suite and by hand (socat and dd), on one guest */
void bench_port(const struct session *s);
/** bench_devices() - Round trips and throughput of each device and backend, by the suite and by
 * hand; of those that @parts has, of all if it has "devices" or nothing */
void bench_devices(const struct session *s, const struct strv *parts);
/** bench_has_device() - Is a device called so? */
bool bench_has_device(const char *name);
/** bench_runs() - Whole runs of the program */
void bench_runs(const struct options *o);

#endif
