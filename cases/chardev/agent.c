// SPDX-License-Identifier: GPL-2.0-or-later
/* agent.c - -chardev qemu-vdagent without a guest: what it says first, what it may be told, and how
 * much it keeps for an agent that does not read */
#include <string.h>

#include "cases/chardev/host.h"

/* spice-protocol's vd_agent.h: struct VDIChunkHeader, VDAgentMessage, VDAgentAnnounceCapabilities;
 * all little-endian and packed. */
#define CLIENT_PORT	 1
#define PROTOCOL	 1
#define CLIPBOARD	 4
#define ANNOUNCE	 6
#define GRAB		 7
#define REQUEST		 8
#define CAP_MOUSE	 (1u << 0)
#define CAP_BY_DEMAND	 (1u << 5)
#define CAP_SELECTION	 (1u << 6)
#define CAP_GRAB_SERIAL	 (1u << 17)
#define UTF8_TEXT	 1
#define MESSAGE_SIZE	 20
#define CHUNK		 1024 /* the most that QEMU puts into one: vdagent_send_msg() */
#define ROUNDS		 3
#define BEYOND		 0x7fffffffu
#define WORDS_OF_A_CHUNK 9

static void agent_plan(const struct variant *v, struct plan *plan)
{
	bare_plan_machine(plan);
	bare_plan_front(plan, "virtserialport", "c0");
	bare_chardev(plan, "qemu-vdagent,id=c0,mouse=%s,clipboard=%s", variant_get(v, "mouse"),
		     variant_get(v, "clipboard"));
}

static const char *agent_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	if (!caps_has_backend(caps, "qemu-vdagent"))
		return "this QEMU has no backend qemu-vdagent";
	return caps_version_at_least(caps, 10, 0, 0)
		       ? NULL
		       : "before QEMU 10.0 a qemu-vdagent waits for the other agent's announcement";
}

static void add_words(struct buf *b, const uint32_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (unsigned shift = 0; shift < 32; shift += 8)
			buf_add(b, &(unsigned char){(unsigned char)(words[i] >> shift)}, 1);
}

/* Take all that has come. */
static void forget(struct bare *b, struct front *f)
{
	char room[256];

	do
		bare_settle(b);
	while (front_recv(f, room, sizeof(room)) > 0);
}

static void announces(struct bare *b)
{
	uint32_t caps =
		(trial_is(b->t, "mouse", "on") ? CAP_MOUSE : 0) |
		(trial_is(b->t, "clipboard", "on") ? CAP_BY_DEMAND | CAP_SELECTION | CAP_GRAB_SERIAL
						   : 0);
	const uint32_t words[] = {CLIENT_PORT, MESSAGE_SIZE + 8, PROTOCOL, ANNOUNCE, 0, 0, 8, 1,
				  caps};
	struct buf want = BUF_INIT;

	add_words(&want, words, WORDS_OF_A_CHUNK);
	bare_expect(b, b->front, want.data, want.len);
	bare_silent(b, b->front);
	buf_release(&want);
}

/* Chunks that hold no message: too short for one; one of a type that there is not; more than the
 * message that was begun has. QEMU reports them, and goes on with the next. */
static void tell_nonsense(struct bare *b)
{
	static const uint32_t shorter[] = {CLIENT_PORT, 4, PROTOCOL};
	static const uint32_t unknown[] = {CLIENT_PORT, MESSAGE_SIZE, PROTOCOL, 77, 0, 0, 0};
	static const uint32_t begun[] = {CLIENT_PORT, MESSAGE_SIZE, PROTOCOL, ANNOUNCE, 0, 0, 4};
	static const uint32_t rest[] = {CLIENT_PORT, 8, 0, 0};
	static const uint32_t beyond[] = {CLIENT_PORT, MESSAGE_SIZE, PROTOCOL, ANNOUNCE, 0,
					  0,	       BEYOND};
	struct buf all = BUF_INIT;

	add_words(&all, shorter, 3);
	add_words(&all, unknown, 7);
	add_words(&all, begun, 7);
	add_words(&all, rest, 4);
	bare_send(b, b->front, all.data, all.len);
	bare_silent(b, b->front);
	/* In pieces of a byte, as a slow driver might. */
	for (size_t i = 0; i < all.len; i++)
		bare_send(b, b->front, all.data + i, 1);
	buf_clear(&all);
	add_words(&all, beyond, 7);
	bare_send(b, b->front, all.data, all.len);
	bare_silent(b, b->front);
	buf_release(&all);
}

CASE(vdagent_announces, .id = "vdagent.announces",
     .title = "each time that the device opens its port the agent announces what its options say, "
	      "and asks for the other's; nonsense changes nothing of that",
     .clause = "qemu/ui/vdagent.c vdagent_send_caps(), vdagent_chr_recv_chunk()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"mouse", "clipboard", NULL}, .lacks = agent_lacks,
     .plan = agent_plan)
{
	struct bare *b = trial_bare(t);

	/* What came when the driver opened the port, before it had any buffers: not here. */
	forget(b, b->front);
	for (int i = 0; i < ROUNDS; i++) {
		CHECK(t, front_open(b->front, false), "the port cannot be closed");
		bare_silent(b, b->front);
		CHECK(t, front_open(b->front, true), "the port cannot be opened");
		announces(b);
		tell_nonsense(b);
	}
}

/* ---- full
 *
 * Two of them share QEMU's clipboard: what the first agent offers the second may ask for, as often
 * as it likes. So one that asks and does not read makes QEMU hold any amount, but for its limit. */

/* More than half of VDAGENT_BUFFER_LIMIT (1 MiB) with what a port's buffers hold. */
#define TEXT_BYTES 600000u
#define TOO_OFTEN  20
#define LIMIT_KIB  2048 /* twice the limit: a buffer grows by doubling (util/buffer.c) */
#define FULL_MS	   10000
#define SEED	   7

static void full_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	bare_plan_front(plan, "virtserialport", "c0");
	bare_plan_front(plan, "virtserialport", "c1");
	bare_chardev(plan, "qemu-vdagent,id=c0,mouse=off,clipboard=on");
	bare_chardev(plan, "qemu-vdagent,id=c1,mouse=off,clipboard=on");
}

static const char *full_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	if (!caps_has_backend(caps, "qemu-vdagent"))
		return "this QEMU has no backend qemu-vdagent";
	return caps_version_matches(caps, "qemu>=9.1,qemu<10.1.3", NULL)
		       ? "here an agent that announces itself closes the ports of the others (see "
			 "vdagent.clipboard)"
		       : NULL;
}

/* Append a message of @type, whose data is @word and @text, in chunks. */
static void add_message(struct buf *out, uint32_t type, uint32_t word, const struct buf *text)
{
	struct buf message = BUF_INIT;
	const uint32_t words[] = {PROTOCOL, type, 0, 0, 4 + (uint32_t)(text ? text->len : 0), word};

	add_words(&message, words, 6);
	if (text)
		buf_add(&message, text->data, text->len);
	for (size_t at = 0, n; at < message.len; at += n) {
		n = message.len - at < CHUNK ? message.len - at : CHUNK;
		add_words(out, (uint32_t[]){CLIENT_PORT, (uint32_t)n}, 2);
		buf_add(out, message.data + at, n);
	}
	buf_release(&message);
}

static void say(struct bare *b, struct front *f, uint32_t type, uint32_t word,
		const struct buf *text)
{
	struct buf message = BUF_INIT;

	add_message(&message, type, word, text);
	bare_send(b, f, message.data, message.len);
	buf_release(&message);
}

static void hear(struct bare *b, struct front *f, uint32_t type, uint32_t word,
		 const struct buf *text)
{
	struct buf message = BUF_INIT;

	add_message(&message, type, word, text);
	bare_expect(b, f, message.data, message.len);
	buf_release(&message);
}

/* An announcement, without a request for QEMU's: one number stands before the capabilities. */
static void announce(struct bare *b, struct front *f)
{
	struct buf caps = BUF_INIT;

	add_words(&caps, (uint32_t[]){CAP_BY_DEMAND}, 1);
	say(b, f, ANNOUNCE, 0, &caps);
	forget(b, f); /* what QEMU announced when the port was opened; before 10.0 nothing */
	buf_release(&caps);
}

CASE(vdagent_full, .id = "vdagent.full",
     .title = "an agent that asks for more than QEMU keeps, and does not read, gets each message "
	      "whole or not at all, and is served again once it has read",
     .clause = "qemu/ui/vdagent.c vdagent_send_msg(), VDAGENT_BUFFER_LIMIT", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .lacks = full_lacks, .plan = full_plan)
{
	struct bare *b = trial_bare(t);
	struct front *giver = &b->fronts[0], *taker = &b->fronts[1];
	struct buf text = BUF_INIT;
	unsigned long memory, now;

	host_payload(&text, SEED, TEXT_BYTES);
	announce(b, giver);
	announce(b, taker);
	say(b, giver, GRAB, UTF8_TEXT, NULL);
	hear(b, taker, GRAB, UTF8_TEXT, NULL);
	say(b, taker, REQUEST, UTF8_TEXT, NULL);
	hear(b, giver, REQUEST, UTF8_TEXT, NULL);
	say(b, giver, CLIPBOARD, UTF8_TEXT, &text);
	bare_settle(b);
	memory = bare_memory(b);
	for (int i = 0; i < TOO_OFTEN; i++)
		say(b, taker, REQUEST, UTF8_TEXT, NULL);
	bare_settle(b);
	now = bare_memory(b);
	CHECK(t, now <= memory + LIMIT_KIB,
	      "QEMU had %lu KiB, and has %lu now that an agent has asked %d times more", memory,
	      now, TOO_OFTEN);
	hear(b, taker, CLIPBOARD, UTF8_TEXT, &text);
	bare_silent(b, taker);
	CHECK(t, vm_await_words(&b->rig->vm, "buffer full, dropping message", deadline_in(FULL_MS)),
	      "QEMU says nothing of what it dropped");
	say(b, taker, REQUEST, UTF8_TEXT, NULL);
	hear(b, taker, CLIPBOARD, UTF8_TEXT, &text);
	bare_silent(b, taker);
	buf_release(&text);
}
