/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mux.h - several frontends on one chardev, seen from its host end and from the guest's terminal
 *
 * What the guest prints has the high bit set in every byte, what the multiplexer and the monitor
 * say is ASCII: so the one host end's bytes can be told apart, and each kind judged by itself.
 */
#ifndef CASES_MUX_H
#define CASES_MUX_H

#include "harness/run/traffic.h"

#define MUX_MS	   8000
#define C_A	   "\001"
#define MUX_PROMPT "(qemu) "

/**
 * struct mux_tty - A terminal of the guest that has a frontend on the chardev
 * @print:	a dd in the guest that prints what it is sent
 * @read:	a dd that tells what was typed; @typed: what has to have come there
 */
struct mux_tty {
	struct guest_cmd print, read;
	struct buf typed;
};

/**
 * struct mux - A host end
 * @ascii:	bytes of the multiplexer and the monitor, not looked at yet
 * @guest:	the guest's bytes, without their high bits; @printed: what it printed so far
 */
struct mux {
	struct trial *t;
	struct chr *chr;
	struct buf ascii, guest, printed;
};

/** mux_init() - Open our end */
void mux_init(struct mux *m, struct trial *t, struct chr *chr);
void mux_release(struct mux *m);
/** mux_stty() - Make a terminal of the guest raw, with more words for stty */
void mux_stty(struct mux *m, const char *node, const char *words);
/** mux_tty() - Read and write a terminal of the guest from now on, until the trial ends */
struct mux_tty *mux_tty(struct mux *m, const char *node);

/** mux_send() - Keys, or a text for whoever has the focus */
void mux_send(struct mux *m, const char *keys);
/** mux_type() - A text, new to it, for the terminal that has the focus: all that was typed for it
 * has come there then, and nothing else */
void mux_type(struct mux *m, struct mux_tty *tty, const char *text);
/** mux_print() - The guest prints a text: all that it printed has come then, and nothing else */
void mux_print(struct mux *m, struct mux_tty *tty, const char *text);
/** mux_ascii() - The ASCII that has come and was not looked at is exactly @text */
void mux_ascii(struct mux *m, const char *text);
/** mux_ascii_until() - Take the ASCII up to the first @end, and that; malloc'ed */
char *mux_ascii_until(struct mux *m, const char *end);
/** mux_nothing_more() - QEMU is ended, or (@ended) has: neither it nor the guest said anything
 * else. Not under KEEP=1 */
void mux_nothing_more(struct mux *m, bool ended);

#endif
