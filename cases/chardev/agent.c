// SPDX-License-Identifier: GPL-2.0-or-later
/* agent.c - -chardev qemu-vdagent without a guest: what it says first, and what it may be told */
#include <string.h>

#include "harness/run/bare.h"

/* spice-protocol's vd_agent.h: struct VDIChunkHeader, VDAgentMessage, VDAgentAnnounceCapabilities;
 * all little-endian and packed. */
#define CLIENT_PORT	 1
#define PROTOCOL	 1
#define ANNOUNCE	 6
#define CAP_MOUSE	 (1u << 0)
#define CAP_BY_DEMAND	 (1u << 5)
#define CAP_SELECTION	 (1u << 6)
#define CAP_GRAB_SERIAL	 (1u << 17)
#define MESSAGE_SIZE	 20
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
	char room[256];

	/* What came when the driver opened the port, before it had any buffers: not here. */
	bare_settle(b);
	while (front_recv(b->front, room, sizeof(room)) > 0)
		bare_settle(b);
	for (int i = 0; i < ROUNDS; i++) {
		CHECK(t, front_open(b->front, false), "the port cannot be closed");
		bare_silent(b, b->front);
		CHECK(t, front_open(b->front, true), "the port cannot be opened");
		announces(b);
		tell_nonsense(b);
	}
}
