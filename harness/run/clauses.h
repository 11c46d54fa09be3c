/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clauses.h - what the specification demands of the device, clause by clause, and who looks at it
 *
 * C-01 .. C-45 are the statements of virtio 1.2 5.3 in their order (1.3 and 1.4 say the same),
 * U-01 .. U-26 the questions that it leaves open, with what the reference device does, G-AREA-NN
 * what the general chapters demand where this device can show it, H-01 .. H-24 drivers that break
 * rules. A case cites them in its clause: "virtio-1.2/console/C-17, G-SR-04".
 */
#ifndef RUN_CLAUSES_H
#define RUN_CLAUSES_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct matrix;

/**
 * struct clause - One of them
 * @id:		"C-17"
 * @level:	"MUST", "MUST NOT", "SHOULD", "MAY"; "-": it describes; "open": the specification is
 *		silent, and @demands is what was decided
 * @demands:	in a few words
 * @none:	why no case cites it; NULL: some do
 */
struct clause {
	const char *id, *level, *demands, *none;
};

/** The table; ends with a row of NULLs */
extern const struct clause clauses[];

/** clauses_table() - Append the table to @out: id, level, how many trials that run cite it, what it
 * demands, the ids of their cases or why there is none. False: a clause has neither trial nor
 * reason, or both; or a case cites a clause that is not in the table: a line each in @why */
bool clauses_table(const struct matrix *m, const struct clause *table, struct buf *out,
		   struct buf *why);

#endif
