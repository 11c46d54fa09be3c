// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench.c - figures, measured in one run on this machine; never a verdict
 *
 * Each figure stands beside the target that it should reach on two cores under TCG, or beside the
 * same work done by hand in the same run. Parts: starts, port, devices (or the name of one),
 * without a name all of these; and runs, which takes several times as long as a run of all trials.
 */
#include "harness/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

void bench_say(const char *name, double value, const char *unit)
{
	printf("%-44s %9.2f %s\n", name, value, unit);
	fflush(stdout);
}

void bench_at_most(const char *name, double value, const char *unit, double target)
{
	printf("%-44s %9.2f %-5s target <= %g%s\n", name, value, unit, target,
	       value <= target ? "" : "  MISSED");
	fflush(stdout);
}

void bench_at_least(const char *name, double value, const char *unit, double target)
{
	printf("%-44s %9.2f %-5s target >= %g%s\n", name, value, unit, target,
	       value >= target ? "" : "  MISSED");
	fflush(stdout);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double bench_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Without names as arguments, what takes minutes. */
static bool wanted(const struct options *o, const char *part)
{
	return o->args.n ? strv_has(&o->args, part) : strcmp(part, "runs") != 0;
}

/* Before minutes are spent on the others. */
static void check_parts(const struct strv *parts)
{
	static const char *const known[] = {"starts", "port", "devices", "runs"};

	for (size_t i = 0; i < parts->n; i++) {
		size_t k = 0;

		while (k < sizeof(known) / sizeof(*known) && strcmp(known[k], parts->v[i]) != 0)
			k++;
		if (k == sizeof(known) / sizeof(*known) && !bench_has_device(parts->v[i]))
			die_usage("no part is called %s: starts, port, devices, a device, or runs",
				  parts->v[i]);
	}
}

int main(int argc, char **argv)
{
	static const struct check_case guest_case = {.id = "bench",
						     .title = "-",
						     .clause = "-",
						     .needs = NEEDS_GUEST};
	struct trial_spec spec = {.id = (char *)"bench", .variant = {.c = &guest_case}};
	const struct trial_spec *const specs[] = {&spec};
	char *words[64] = {argv[0], (char *)"run"};
	struct session_parts p;
	struct options o;
	char *scratch;

	if (argc > 60)
		die_usage("too many options");
	for (int i = 1; i < argc; i++)
		words[i + 1] = argv[i];
	options_parse(&o, argc + 1, words);
	check_parts(&o.args);
	session_open(&p, &o, o.qemu ? o.qemu : "qemu-system-x86_64", specs, 1, true);
	if (!p.session.image)
		die("the benchmark needs a guest: %s has no user networking", p.caps.path);
	if (wanted(&o, "runs"))
		bench_runs(&o);
	scratch = xasprintf("%s/bench", o.build);
	if (!file_remove_tree(scratch))
		die_errno("unable to remove %s", scratch);
	file_mkdirs(scratch);
	if (chdir(scratch) < 0)
		die_errno("unable to enter %s", scratch);
	if (wanted(&o, "starts"))
		bench_starts(&p.session);
	if (wanted(&o, "port"))
		bench_port(&p.session);
	bench_devices(&p.session, &o.args);
	free(scratch);
	session_close(&p);
	options_release(&o);
	return EXIT_WELL;
}
