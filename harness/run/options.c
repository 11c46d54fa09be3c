// SPDX-License-Identifier: GPL-2.0-or-later
/* options.c - the words of the command line */
#include "harness/run/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/deadline.h"
#include "harness/base/die.h"

static const char help[] =
	"usage: chardev-check VERB [option..] [SELECTOR..]\n"
	"  run [SELECTOR..]    run the trials whose ids match a glob (all, without one)\n"
	"  rerun [RUN]         run again what did not pass in a run (the last, without a folder)\n"
	"  list [SELECTOR..]   the trials, and when they run\n"
	"  list --seed         the steps of the seed documents, and the trials that cover them\n"
	"  list --features     every option of every backend, and the trials that use it\n"
	"  list --clauses      the specification's clauses, and the trials that look at them\n"
	"  show TRIAL          one trial: claim, clause, seed step, needs, QEMU command line\n"
	"  play STEPS [TRANSPORT,RING]  without a guest: play a script on QEMU and on the reference\n"
	"                      device (pci-modern,split,express; or isa-serial, .. and a\n"
	"                      reference 16550A); 'play help' lists the steps\n"
	"  explore             random scripts on both, for --time S seconds from --seed N on; what\n"
	"                      differs goes to build/explore as a case. Also --count N (scripts),\n"
	"                      or --transport TRANSPORT,RING, or --reference (without QEMU)\n"
	"  faults [SELECTOR..] wire trials against each fault of the reference: who notices which?\n"
	"  report [RUN]        render a run's reports again (the last run, without a folder)\n"
	"options:\n"
	"  -q, --qemu FILE     the build under test (default: qemu-system-x86_64)\n"
	"      --qemu-to FILE[:FILE..]\n"
	"                      other builds, to which guests move, one after the other\n"
	"                      (migration.upgrade, .downgrade)\n"
	"  -j, --jobs N        trials at a time (default: the cores)\n"
	"  -v, --verbose       say what each trial does\n"
	"  -k, --keep          one trial: leave its guest running, say how to reach it\n"
	"      --keep-all      keep the evidence of trials that pass, too\n"
	"      --long          also the trials that take long\n"
	"      --time S        how long what lasts is to last (load.soak; explore)\n"
	"      --strict        a SHOULD that is not followed fails the run\n"
	"      --accel NAME    kvm or tcg (default: the best that our guest comes up with)\n"
	"      --image DIR     guest image (default: build/images/cloud)\n"
	"      --also-image DIR  one of another flavour, for cases that need that\n"
	"      --conf FILE     the matrix (default: cases.conf)\n"
	"      --build DIR     where results and caches go (default: build)\n"
	"      --timeout-scale X  stretch every wait, for slow hosts\n"
	"      --fault FAULT   our own host ends misbehave: read:drop@65536+4096, ..\n"
	"      --target REF    wire trials drive the reference device instead of QEMU:\n"
	"                      reference, reference=qemu-11.1, reference!tx-flip, ..\n"
	"exit status: 0 all well, 1 something failed, 2 something could not be judged, 64 usage\n";

enum {
	OPT_KEEP_ALL = 256,
	OPT_LONG,
	OPT_STRICT,
	OPT_ACCEL,
	OPT_IMAGE,
	OPT_ALSO_IMAGE,
	OPT_CONF,
	OPT_BUILD,
	OPT_SCALE,
	OPT_FAULT,
	OPT_SEED,
	OPT_CLAUSES,
	OPT_FEATURES,
	OPT_TARGET,
	OPT_SEED_NUMBER,
	OPT_TIME,
	OPT_COUNT,
	OPT_TRANSPORT,
	OPT_REFERENCE,
	OPT_QEMU_TO
};

#define LETTERS "q:j:vkh"

static const struct option long_options[] = {
	{"qemu", required_argument, NULL, 'q'},
	{"qemu-to", required_argument, NULL, OPT_QEMU_TO},
	{"jobs", required_argument, NULL, 'j'},
	{"verbose", no_argument, NULL, 'v'},
	{"keep", no_argument, NULL, 'k'},
	{"keep-all", no_argument, NULL, OPT_KEEP_ALL},
	{"long", no_argument, NULL, OPT_LONG},
	{"strict", no_argument, NULL, OPT_STRICT},
	{"accel", required_argument, NULL, OPT_ACCEL},
	{"image", required_argument, NULL, OPT_IMAGE},
	{"also-image", required_argument, NULL, OPT_ALSO_IMAGE},
	{"conf", required_argument, NULL, OPT_CONF},
	{"build", required_argument, NULL, OPT_BUILD},
	{"timeout-scale", required_argument, NULL, OPT_SCALE},
	{"fault", required_argument, NULL, OPT_FAULT},
	{"seed", no_argument, NULL, OPT_SEED},
	{"clauses", no_argument, NULL, OPT_CLAUSES},
	{"features", no_argument, NULL, OPT_FEATURES},
	{"target", required_argument, NULL, OPT_TARGET},
	{"time", required_argument, NULL, OPT_TIME},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static int parse_jobs(const char *text)
{
	unsigned long long jobs;

	if (!text_parse_u64(text, &jobs) || jobs < 1 || jobs > 64)
		die_usage("--jobs wants a number from 1 to 64, not %s", text);
	return (int)jobs;
}

static double parse_scale(const char *text)
{
	char *end;
	double scale = strtod(text, &end);

	if (*end || end == text || !(scale >= 0.1 && scale <= 1000))
		die_usage("--timeout-scale wants a number from 0.1 to 1000, not %s", text);
	return scale;
}

static unsigned long long parse_number(const char *option, const char *text)
{
	unsigned long long n;

	if (!text_parse_u64(text, &n))
		die_usage("%s wants a number, not %s", option, text);
	return n;
}

static int parse_seconds(const char *text)
{
	unsigned long long n = parse_number("--time", text);

	if (n < 1 || n > 86400)
		die_usage("--time wants seconds from 1 to 86400, not %s", text);
	return (int)n;
}

/* Options of explore. */
static void take_explore(struct options *o, int opt)
{
	struct explore_options *e = &o->explore;

	switch (opt) {
	case OPT_SEED_NUMBER:
		e->seed = parse_number("--seed", optarg);
		break;
	case OPT_COUNT:
		e->count = parse_number("--count", optarg);
		if (!e->count)
			die_usage("--count wants a number of scripts, not 0");
		break;
	case OPT_TRANSPORT:
		e->where = optarg;
		break;
	case OPT_REFERENCE:
		e->reference = true;
		break;
	}
}

/* Where things lie; false: it is another option. */
static bool take_place(struct options *o, int opt)
{
	const char **place = opt == 'q'		     ? &o->qemu
			     : opt == OPT_QEMU_TO    ? &o->qemu_to
			     : opt == OPT_IMAGE	     ? &o->image
			     : opt == OPT_ALSO_IMAGE ? &o->also_image
			     : opt == OPT_CONF	     ? &o->conf
			     : opt == OPT_BUILD	     ? &o->build
						     : NULL;

	if (place)
		*place = optarg;
	return place != NULL;
}

/* Which table "list" is to print. */
static void take_table(struct options *o, int opt)
{
	o->seed = opt == OPT_SEED;
	o->clauses = opt == OPT_CLAUSES;
	o->features = opt == OPT_FEATURES;
}

static void take(struct options *o, int opt)
{
	if (take_place(o, opt))
		return;
	switch (opt) {
	case 'j':
		o->jobs = parse_jobs(optarg);
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'k':
		o->keep_guest = true;
		break;
	case OPT_KEEP_ALL:
		o->keep_all = true;
		break;
	case OPT_LONG:
		o->with_long = true;
		break;
	case OPT_STRICT:
		o->strict = true;
		break;
	case OPT_ACCEL:
		o->accel = optarg;
		break;
	case OPT_SCALE:
		deadline_set_scale(parse_scale(optarg));
		break;
	case OPT_FAULT:
		o->fault = optarg;
		break;
	case OPT_SEED:
	case OPT_CLAUSES:
	case OPT_FEATURES:
		take_table(o, opt);
		break;
	case OPT_TARGET:
		o->target = optarg;
		break;
	case OPT_TIME:
		o->seconds = parse_seconds(optarg);
		break;
	default:
		take_explore(o, opt);
		break;
	case 'h':
		fputs(help, stdout);
		exit(EXIT_WELL);
	}
}

/* One part of the command line; where the words begin that are no options. */
static int parse_part(struct options *o, int argc, char **argv, const char *letters,
		      const struct option *known)
{
	int opt;

	optind = 0; /* anew (getopt(3), glibc) */
	opterr = 0;
	while ((opt = getopt_long(argc, argv, letters, known, NULL)) != -1) {
		if (opt == '?')
			die_usage(
				"unknown option, or one that lacks its value: %s (--help lists them)",
				argv[optind - 1]);
		take(o, opt);
	}
	return optind;
}

/* What explore knows besides, and "--seed" with a value. */
static void explore_options(struct option *known)
{
	static const struct option own[] = {
		{"seed", required_argument, NULL, OPT_SEED_NUMBER},
		{"count", required_argument, NULL, OPT_COUNT},
		{"transport", required_argument, NULL, OPT_TRANSPORT},
		{"reference", no_argument, NULL, OPT_REFERENCE},
	};
	size_t n = 0;

	for (size_t i = 0; long_options[i].name; i++)
		if (long_options[i].val != OPT_SEED)
			known[n++] = long_options[i];
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		known[n++] = own[i];
	known[n] = (struct option){NULL, 0, NULL, 0};
}

void options_parse(struct options *o, int argc, char **argv)
{
	struct option known[sizeof(long_options) / sizeof(*long_options) + 4];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int verb, at;

	*o = (struct options){.image = "build/images/cloud",
			      .conf = "cases.conf",
			      .build = "build",
			      .jobs = cores > 0 ? (int)cores : 1};
	/* Up to the verb, and what is behind it. */
	verb = parse_part(o, argc, argv, "+" LETTERS, long_options);
	if (verb == argc)
		die_usage("say what to do: run, rerun, list, show, play, explore, faults or report "
			  "(--help says more)");
	o->verb = argv[verb];
	memcpy(known, long_options, sizeof(long_options));
	if (strcmp(o->verb, "explore") == 0)
		explore_options(known);
	argv += verb;
	argc -= verb;
	for (at = parse_part(o, argc, argv, LETTERS, known); at < argc; at++)
		strv_push(&o->args, argv[at]);
	if (strcmp(o->verb, "explore") == 0) { /* its own: its trials do not last */
		o->explore.seconds = (unsigned long long)o->seconds;
		o->seconds = 0;
	}
}

void options_release(struct options *o)
{
	strv_release(&o->args);
}
