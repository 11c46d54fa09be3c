// SPDX-License-Identifier: GPL-2.0-or-later
/* bench_runs.c - whole runs of the program, and what it takes of the host's memory */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/bench/bench.h"

#define TRIAL	  "transfer@virtserialport,unix,server,nowait,sync,small,h2g,hot"
#define ROUNDS	  5
#define SAMPLE_MS 200
#define RUN_MS	  600000

/* The proportional share of memory of process @pid if it is one of the suite's; kilobytes. */
static long suite_kb(const char *pid)
{
	char *comm_path = xasprintf("/proc/%s/comm", pid);
	char *map_path = xasprintf("/proc/%s/smaps_rollup", pid);
	struct buf comm = BUF_INIT, map = BUF_INIT;
	const char *at;
	long kb = 0;

	if (buf_read_file(&comm, comm_path) && strcmp(comm.data, "chardev-check\n") == 0 &&
	    buf_read_file(&map, map_path) && (at = strstr(map.data, "\nPss:")))
		kb = strtol(at + 5, NULL, 10);
	buf_release(&comm);
	buf_release(&map);
	free(map_path);
	free(comm_path);
	return kb;
}

static long all_suite_kb(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	long kb = 0;

	if (!dir)
		die_errno("unable to read /proc");
	while ((e = readdir(dir)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			kb += suite_kb(e->d_name);
	closedir(dir);
	return kb;
}

/* Run the program once; seconds. *peak_kb: the most memory that its processes had together. */
static double run_once(const struct options *o, const char *jobs, const char *selector,
		       long *peak_kb)
{
	struct strv argv = {NULL, 0};
	struct proc_spec spec = PROC_SPEC(&argv);
	int64_t began = now_ns();
	struct deadline d = deadline_in(RUN_MS);
	struct proc p;
	int error;

	strv_pushf(&argv, "%s/chardev-check", o->build);
	strv_pushl(&argv, "run", "--jobs", jobs, "--image", o->image, "--build", o->build, NULL);
	if (o->qemu)
		strv_pushl(&argv, "--qemu", o->qemu, NULL);
	if (selector)
		strv_push(&argv, selector);
	error = proc_start(&p, &spec);
	if (error)
		die("unable to start %s: %s", argv.v[0], strerror(error));
	while (!proc_wait(&p, deadline_in(SAMPLE_MS))) {
		long kb = all_suite_kb();

		if (kb > *peak_kb)
			*peak_kb = kb;
		if (deadline_passed(d))
			die("a run took longer than %d s", RUN_MS / 1000);
	}
	if (p.status != 0)
		die("a run of %s did not end well; see its report",
		    selector ? selector : "all trials");
	proc_release(&p);
	strv_release(&argv);
	return (double)(now_ns() - began) / 1e9;
}

void bench_runs(const struct options *o)
{
	double seconds[ROUNDS];
	long kb = 0;

	for (int i = 0; i < ROUNDS; i++)
		seconds[i] = run_once(o, "1", TRIAL, &kb);
	bench_at_most("one trial, small, sync, unix: the whole run", bench_median(seconds, ROUNDS),
		      "s", 1.0);
	bench_say("all trials, one at a time", run_once(o, "1", NULL, &kb), "s");
	kb = 0;
	bench_at_most("all of transfer, two at a time",
		      run_once(o, "2", "transfer@virtserialport,*", &kb), "s", 90);
	bench_say("all trials, two at a time", run_once(o, "2", NULL, &kb), "s");
	bench_at_most("memory of the suite beside its guests", (double)kb / 1024, "MB", 100);
}
