// SPDX-License-Identifier: GPL-2.0-or-later
/* verbs_play.c - verbs that drive QEMU and the reference device by scripts: play, explore */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/deadline.h"
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

/* Behind a transport and ring: the same behind a PCI Express root port. */
#define EXPRESS ",express"

static void behind_root_port(const struct variant *v, struct target_config *config)
{
	wire_topology_plain(v, config);
	config->express = config->transport <= TARGET_PCI_LEGACY;
}

/* The variant that @where names, and what its machine is like for @the. */
static char *variant_of(const char *where, struct check_case *the)
{
	size_t len = strlen(where), less = strlen(EXPRESS);
	bool express = len > less && strcmp(where + len - less, EXPRESS) == 0;

	if (express)
		the->wire = behind_root_port;
	return xstrndup(where, express ? len - less : len);
}

/* If it is there: print it, and be done with its @path. */
static void print_file(char *path)
{
	struct buf text = BUF_INIT;

	if (buf_read_file(&text, path))
		printf("\n%s", text.data);
	buf_release(&text);
	free(path);
}

/* The trials of @the whose ids are @id, or begin so before a comma: one, or the parts of it. */
static int run_these(struct options *o, const struct check_case *the, const char *conf,
		     const char *variant)
{
	const struct check_case *const cases[] = {the};
	char *id = xasprintf("%s@%s", the->id, variant);
	const struct trial_spec *trials[EXPLORE_PARTS];
	struct choice c = {.trials = trials};
	struct buf why = BUF_INIT;
	size_t len = strlen(id);
	int status;

	if (!matrix_build(&c.matrix, cases, 1, the->id, conf, &why))
		die("%s", why.data);
	for (size_t i = 0; i < c.matrix.n && c.n < EXPLORE_PARTS; i++) {
		const char *is = c.matrix.trials[i].id;

		if (strcmp(is, id) == 0 ||
		    (the->rows.n && strncmp(is, id, len) == 0 && is[len] == ',' &&
		     strspn(is + len + 1, "0123456789") == strlen(is + len + 1)))
			trials[c.n++] = &c.matrix.trials[i];
	}
	if (!c.n)
		die_usage(
			"there is no %s: say pci-modern,split or pci-legacy, as in 'list cross.*', or isa-serial, as in 'list uart.*'",
			variant);
	status = verbs_run_choice(o, o->qemu ? o->qemu : QEMU_DEFAULT, &c);
	matrix_release(&c.matrix);
	free(id);
	return status;
}

int verb_play(const struct options *o)
{
	struct wire_script script = {NULL, 0};
	struct options quiet = *o;
	const char *where = o->args.n == 2 ? o->args.v[1] : USUAL;
	struct buf text = BUF_INIT;
	char *variant, *id;
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
	variant = variant_of(where, &play_case);
	status = run_these(&quiet, strstr(variant, "serial") ? &play_uart_case : &play_case, "",
			   variant);
	id = xasprintf("play@%s", variant);
	print_file(xasprintf("%s/results/latest/trials/%s/trace.qemu", o->build, id));
	free(id);
	free(variant);
	return status;
}

static struct check_case explorer = {
	.id = "explore",
	.title = "what QEMU and the reference device show of random scripts is the same",
	.clause = "-",
	.needs = NEEDS_QEMU,
	.axes = (const char *const[]){"transport", "ring", ROW_AXIS, NULL},
	.possible = cross_possible,
	.lacks = wire_lacks,
	.wire = wire_topology_plain,
	.run = explore_trial,
};

/* While one QEMU sleeps (a device comes or goes only after a grace period of RCU), others work: two
 * for each job. */
static unsigned explore_parts(const struct options *o)
{
	unsigned long long parts = 2ULL * (unsigned)o->jobs;

	if (o->explore.count && o->explore.count < parts)
		parts = o->explore.count;
	return parts < EXPLORE_PARTS ? (unsigned)parts : EXPLORE_PARTS;
}

static int explore_qemu(const struct options *o, const char *folder, const char *where)
{
	const struct explore_options *e = &o->explore;
	struct options copy = *o;
	int64_t began = now_ns();
	char *conf, *variant = variant_of(where, &explorer);
	int status;

	copy.jobs = (int)explore_parts(o);
	explore_prepare(folder, e, where, (unsigned)copy.jobs);
	explorer.rows = explore_rows();
	conf = xasprintf("[explore@*]\ntimeout = %llu\n",
			 (e->seconds ? e->seconds : 60 + e->count) + EXPLORE_EXTRA_S);
	status = run_these(&copy, &explorer, conf, variant);
	explore_gather(began);
	free(variant);
	free(conf);
	return status;
}

static int explore_alone(const struct options *o, const char *folder, const char *where)
{
	explore_prepare(folder, &o->explore, where, 1);
	return explore_reference();
}

int verb_explore(const struct options *o)
{
	const char *where = o->explore.where ? o->explore.where : USUAL;
	char *relative = xasprintf("%s/explore", o->build), *folder;
	char *lock_path = xasprintf("%s.lock", relative);
	int status, lock;

	if (o->args.n)
		die_usage("explore wants options only, not %s", o->args.v[0]);
	file_mkdirs(o->build);
	lock = file_try_lock(lock_path);
	if (lock < 0)
		die("another explore writes to %s: wait for it, or name another --build", relative);
	if (!file_remove_tree(relative))
		die_errno("unable to remove %s", relative);
	file_mkdirs(relative);
	folder = file_absolute(relative);
	if (!folder)
		die_errno("unable to find %s", relative);
	status = o->explore.reference ? explore_alone(o, folder, where)
				      : explore_qemu(o, folder, where);
	print_file(xasprintf("%s/report", folder)); /* as far as it came */
	io_close(&lock);
	free(lock_path);
	free(folder);
	free(relative);
	return status;
}
