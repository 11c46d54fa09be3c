/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix.h - cases x axes, as cases.conf says: the trials
 *
 * DOC: cases.conf
 *
 * A stanza's name is a glob over trial ids. For each trial and each key the last stanza that
 * matches and has the key wins. Keys: the name of an axis (the values to keep, commas between), run
 * (check, long, never), expect (FAIL, a version test, the reason) with match (text of that
 * failure), timeout (seconds). An axis that no stanza mentions has all its values. Unknown keys and
 * values, and stanzas that match nothing, are errors.
 */
#ifndef RUN_MATRIX_H
#define RUN_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/run/case.h"

/** enum run_class - When a trial runs */
enum run_class { RUN_CHECK, RUN_LONG, RUN_NEVER };

/**
 * struct trial_spec - One trial: a variant and what cases.conf says of it
 * @id:		"case@value,value,.."
 * @expect_versions: where the failure is expected ("qemu<11.0"); NULL: no failure is expected
 * @expect_reason: why
 * @expect_match: text that the reason of such a failure has: another failure is a failure
 * @timeout_s:	limit for the whole trial
 */
struct trial_spec {
	char *id;
	struct variant variant;
	enum run_class run;
	char *expect_versions, *expect_reason, *expect_match;
	int timeout_s;
};

/** struct matrix - All trials, in the order of their ids */
struct matrix {
	struct trial_spec *trials;
	size_t n;
};

/** matrix_load() - Expand the registered cases by @conf_path. False: one line in @why */
bool matrix_load(struct matrix *m, const char *conf_path, struct buf *why);
/** matrix_build() - The same from given cases and text: for tests */
bool matrix_build(struct matrix *m, const struct check_case *const *cases, size_t n_cases,
		  const char *name, const char *conf_text, struct buf *why);
void matrix_release(struct matrix *m);
/** matrix_find() - The trial with this id; NULL: there is none */
const struct trial_spec *matrix_find(const struct matrix *m, const char *id);
/** matrix_matches() - Does any of @globs match this trial? Without one, all do */
bool matrix_matches(const struct trial_spec *t, const struct strv *globs);
/** matrix_select() - Pointers to the trials that any of @globs matches (all, without one) and whose
 * class is wanted: check, and long too when @with_long; a glob that is exactly a trial's id selects
 * it whatever its class. False: a glob that matches nothing, named in @why. *out is malloc'ed */
bool matrix_select(const struct matrix *m, const struct strv *globs, bool with_long,
		   const struct trial_spec ***out, size_t *n, struct buf *why);

#endif
