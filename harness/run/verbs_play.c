// SPDX-License-Identifier: GPL-2.0-or-later
/* verbs_play.c - verbs that drive QEMU and the reference device by scripts: play, explore */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/cross.h"
#include "harness/run/explore.h"
#include "harness/run/verbs.h"
#include "harness/run/verbs_private.h"

#define USUAL "pci-modern,split"
/* Beyond the time that was asked for: differences are made short. */
#define EXPLORE_EXTRA_S 600

/* A case whose script is on the command line. */
static struct check_case play_case = {
	.id = "play",
	.title = "what QEMU and the reference device show of a script is the same",
	.clause = "-",
	.needs = NEEDS_QEMU,
	.axes = cross_axes,
	.possible = cross_possible,
	.lacks = wire_lacks,
	.wire = wire_topology_plain,
	.run = trial_cross,
};

/* The same on a 16550A. */
static struct check_case play_uart_case = {
	.id = "play",
	.title = "what QEMU and the reference 16550A show of a script is the same",
	.clause = "-",
	.needs = NEEDS_QEMU,
	.axes = uart_axes,
	.possible = uart_possible,
	.lacks = uart_lacks,
	.wire = uart_topology,
	.run = trial_uart,
};

/* If it is there: print it, and be done with its @path. */
static void print_file(char *path)
{
	struct buf text = BUF_INIT;

	if (buf_read_file(&text, path))
		printf("\n%s", text.data);
	buf_release(&text);
	free(path);
}

/* The one trial of @c with these values. */
static int run_one(struct options *o, const struct check_case *the, const char *conf,
		   const char *variant, char **id_)
{
	const struct check_case *const cases[] = {the};
	char *id = xasprintf("%s@%s", the->id, variant);
	const struct trial_spec *spec;
	struct choice c = {.trials = &spec, .n = 1};
	struct buf why = BUF_INIT;
	int status;

	if (!matrix_build(&c.matrix, cases, 1, the->id, conf, &why))
		die("%s", why.data);
	spec = matrix_find(&c.matrix, id);
	if (!spec)
		die_usage(
			"there is no %s: say pci-modern,split or pci-legacy, as in 'list cross.*', or isa-serial, as in 'list uart.*'",
			variant);
	status = verbs_run_choice(o, o->qemu ? o->qemu : QEMU_DEFAULT, &c);
	matrix_release(&c.matrix);
	*id_ = id;
	return status;
}

int verb_play(const struct options *o)
{
	struct wire_script script = {NULL, 0};
	struct options quiet = *o;
	const char *variant = o->args.n == 2 ? o->args.v[1] : USUAL;
	struct buf text = BUF_INIT;
	char *id;
	int status;

	if (o->args.n < 1 || o->args.n > 2)
		die_usage("play wants a script, and perhaps a transport and ring, or a UART");
	if (strcmp(o->args.v[0], "help") == 0) {
		wire_script_help(&text);
		fputs(text.data, stdout);
		buf_release(&text);
		return EXIT_WELL;
	}
	if (!wire_script_parse(&script, o->args.v[0], &text))
		die_usage("%s ('play help' lists the steps)", text.data);
	wire_script_release(&script);
	play_case.script = play_uart_case.uart = o->args.v[0];
	quiet.keep_all = true;
	status = run_one(&quiet, strstr(variant, "serial") ? &play_uart_case : &play_case, "",
			 variant, &id);
	print_file(xasprintf("%s/results/latest/trials/%s/trace.qemu", o->build, id));
	free(id);
	return status;
}

static const struct check_case explorer = {
	.id = "explore",
	.title = "what QEMU and the reference device show of random scripts is the same",
	.clause = "-",
	.needs = NEEDS_QEMU,
	.axes = cross_axes,
	.possible = cross_possible,
	.lacks = wire_lacks,
	.wire = wire_topology_plain,
	.run = explore_trial,
};

static int explore_qemu(const struct options *o, const char *where)
{
	const struct explore_options *e = &o->explore;
	struct options copy = *o;
	char *id, *conf;
	int status;

	conf = xasprintf("[explore@*]\ntimeout = %llu\n",
			 (e->seconds ? e->seconds : 60 + e->count) + EXPLORE_EXTRA_S);
	status = run_one(&copy, &explorer, conf, where, &id);
	free(conf);
	free(id);
	return status;
}

int verb_explore(const struct options *o)
{
	const char *where = o->explore.where ? o->explore.where : USUAL;
	char *relative = xasprintf("%s/explore", o->build), *folder;
	int status;

	if (o->args.n)
		die_usage("explore wants options only, not %s", o->args.v[0]);
	if (!file_remove_tree(relative))
		die_errno("unable to remove %s", relative);
	file_mkdirs(relative);
	folder = file_absolute(relative);
	if (!folder)
		die_errno("unable to find %s", relative);
	explore_prepare(folder, &o->explore, where);
	status = o->explore.reference ? explore_reference() : explore_qemu(o, where);
	print_file(xasprintf("%s/report", folder)); /* as far as it came */
	free(folder);
	free(relative);
	return status;
}
