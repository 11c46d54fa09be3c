// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - chardev-check: from a verb to what does it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/run/options.h"
#include "harness/run/verbs.h"

static const struct {
	const char *name;
	int (*fn)(const struct options *o);
} verbs[] = {
	{"run", verb_run},	   {"rerun", verb_rerun},   {"list", verb_list},
	{"show", verb_show},	   {"report", verb_report}, {"play", verb_play},
	{"explore", verb_explore}, {"faults", verb_faults},
};

/* libcheck reads these from the environment and would quietly run something else, or nothing. */
static const char *const libcheck_knobs[] = {
	"CK_FORK",	    "CK_RUN_SUITE",	    "CK_RUN_CASE",	    "CK_INCLUDE_TAGS",
	"CK_EXCLUDE_TAGS",  "CK_VERBOSITY",	    "CK_DEFAULT_TIMEOUT",   "CK_TIMEOUT_MULTIPLIER",
	"CK_LOG_FILE_NAME", "CK_XML_LOG_FILE_NAME", "CK_TAP_LOG_FILE_NAME", "CK_MAX_MSG_SIZE",
};

int main(int argc, char **argv)
{
	struct options o;
	int status;

	for (size_t i = 0; i < sizeof(libcheck_knobs) / sizeof(*libcheck_knobs); i++)
		unsetenv(libcheck_knobs[i]);
	setenv("LC_ALL", "C.UTF-8", 1);
	options_parse(&o, argc, argv);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(o.verb, verbs[i].name) != 0)
			continue;
		status = verbs[i].fn(&o);
		options_release(&o);
		if ((fflush(stdout) || ferror(stdout)) && status == EXIT_WELL)
			die("unable to write all of it to stdout");
		return status;
	}
	die_usage("no verb is called %s: run, rerun, list, show, play, explore, faults or report",
		  o.verb);
}
