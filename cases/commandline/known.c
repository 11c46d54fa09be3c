// SPDX-License-Identifier: GPL-2.0-or-later
/* known.c - what -chardev can be told, by QEMU's own word, against what the suite knows */
#include <string.h>
#include <sys/wait.h>

#include "harness/run/trial.h"

/* The lines of stdout behind its first one, @title, for -chardev @value. */
static void lines_of(struct trial *t, const char *value, const char *title, struct strv *lines)
{
	struct strv words = {NULL, 0};
	struct refusal r;

	strv_pushl(&words, "-chardev", value, NULL);
	trial_refusal(t, &words, &r);
	CHECK(t, !r.started && WIFEXITED(r.status), "-chardev %s does not end QEMU by exit", value);
	strv_split(lines, r.out.data, "\n");
	CHECK(t, lines->n > 1 && strcmp(lines->v[0], title) == 0, "-chardev %s prints: %s", value,
	      r.out.data);
	refusal_release(&r);
	strv_release(&words);
}

CASE(option_known, .id = "option.known",
     .title = "list --features knows every backend and every option that -chardev help tells of",
     .clause = "qemu/qemu-options.hx -chardev help", .level = LEVEL_MUST, .needs = NEEDS_QEMU)
{
	struct strv backends = {NULL, 0}, options = {NULL, 0};

	lines_of(t, "help", "Available chardev backend types:", &backends);
	for (size_t i = 1; i < backends.n; i++)
		CHECK(t, feature_backend_known(backends.v[i]),
		      "QEMU has a backend %s, which harness/run/features.c does not know",
		      backends.v[i]);
	lines_of(t, "null,help", "chardev options:", &options);
	for (size_t i = 1; i < options.n; i++) {
		options.v[i][strcspn(options.v[i], "=")] = '\0';
		CHECK(t, feature_known(options.v[i]),
		      "-chardev has an option %s, which harness/run/features.c does not know",
		      options.v[i]);
	}
	strv_release(&backends);
	strv_release(&options);
}
