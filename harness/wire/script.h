/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script.h - what a driver, a host and a monitor do with a device, step by step, as data
 *
 * DOC: the language
 *
 * One step a line, or between semicolons: a verb and its words. Numbers are decimal, 0x.. or -1;
 * queues are rx0, tx0, crx, ctx, rx1, tx1 ..; events are READY, ADD, REMOVE, PORT, CONSOLE, RESIZE,
 * OPEN, NAME or numbers. What follows # is not for us. The verbs stand in script.c's table, with
 * what they do; wire_script_help() prints it.
 *
 * A script says nothing of addresses, ring sizes or time: the player chooses the same ones on every
 * target, and after each step waits until nothing more happens.
 */
#ifndef WIRE_SCRIPT_H
#define WIRE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"

#define WIRE_NUMBERS 4
#define WIRE_TEXT    96

enum wire_verb {
	/* the driver, by the rules */
	WIRE_START,
	WIRE_CTL,
	WIRE_POST,
	WIRE_KICK,
	WIRE_SEND,
	WIRE_IRQ,
	WIRE_RESTART,
	WIRE_UNBIND,
	/* the driver, against them */
	WIRE_CTLRAW,
	WIRE_CHAIN,
	WIRE_HEAD,
	WIRE_JUMP,
	/* registers */
	WIRE_STATUS,
	WIRE_CFG,
	WIRE_CFGSET,
	WIRE_FEAT,
	WIRE_FEATSET,
	WIRE_QUEUE,
	WIRE_QSIZE,
	WIRE_QOFF,
	WIRE_QON,
	WIRE_QRESET,
	WIRE_QENABLE,
	WIRE_QADDR,
	WIRE_PEEK,
	WIRE_MASTER,
	WIRE_MASK,
	WIRE_UNMASK,
	WIRE_WINDOW,
	WIRE_WREAD,
	WIRE_WWRITE,
	WIRE_FLR,
	WIRE_PM,
	/* the host */
	WIRE_HOPEN,
	WIRE_HCLOSE,
	WIRE_HSEND,
	WIRE_STALL,
	WIRE_UNSTALL,
	/* the machine */
	WIRE_PLUG,
	WIRE_UNPLUG,
	WIRE_STOP,
	WIRE_CONT,
	WIRE_RESET,
	WIRE_SAVELOAD,
	WIRE_CUNPLUG,
	WIRE_CPLUG,
	WIRE_DETACH,
	WIRE_BDEL,
	WIRE_BADD,
	WIRE_BSWAP,
	/* a UART, see player_uart.c */
	WIRE_W,
	WIRE_R,
	WIRE_WW,
	WIRE_RW,
	WIRE_TAKE,
	WIRE_FILL,
	WIRE_TIMEOUT,
	WIRE_BREAK,
	WIRE_AT,
	WIRE_VERBS
};

/**
 * struct wire_op - A verb
 * @args:	a letter each: n number, q queue, e event, t text (all other words, or none)
 * @does:	for people
 */
struct wire_op {
	const char *name, *args, *does;
};

/**
 * struct wire_step - One step
 * @n:		its numbers, queues and events, in order
 * @text:	its text, blanks between words
 */
struct wire_step {
	enum wire_verb verb;
	uint32_t n[WIRE_NUMBERS];
	char text[WIRE_TEXT];
};

/** struct wire_script - Steps in order */
struct wire_script {
	struct wire_step *steps;
	size_t n;
};

const struct wire_op *wire_op(enum wire_verb verb);
/** wire_script_parse() - Append the steps of @text. False: one line in @why, @s as it was */
bool wire_script_parse(struct wire_script *s, const char *text, struct buf *why);
void wire_script_add(struct wire_script *s, const struct wire_step *step);
void wire_script_copy(struct wire_script *to, const struct wire_script *from);
void wire_script_release(struct wire_script *s);
/** wire_step_text() - Append the step as wire_script_parse() reads it */
void wire_step_text(const struct wire_step *step, struct buf *b);
/** wire_script_text() - The whole script, with @between the steps ("\n", "; ") */
void wire_script_text(const struct wire_script *s, const char *between, struct buf *b);
/** wire_script_c() - The same as C: a string literal a line */
void wire_script_c(const struct wire_script *s, struct buf *b);
/** wire_script_help() - The verbs, a line each */
void wire_script_help(struct buf *b);
/** wire_queue_name() - Append "rx1", "ctx", .. */
void wire_queue_name(unsigned q, struct buf *b);

#endif
