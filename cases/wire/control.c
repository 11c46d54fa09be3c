// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * control.c - the control queues: who says what, and in answer to what (virtio 1.2 5.3.6.2)
 */
#include <string.h>

#include "harness/run/wire.h"

#define AXES ((const char *const[]){"transport", "ring", NULL})

/* Ports in an order that is not that of their numbers; one without name, one without backend. */
static void handshake_topology(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, "max_ports=8");
	wire_port(config, 5, false, "org.test.five");
	wire_port(config, 0, true, NULL);
	wire_port(config, 3, true, "org.test.three");
	wire_port(config, 1, false, NULL);
	config->ports[3].no_chardev = true;
}

static void ready(struct trial *t, struct vcon *c, unsigned nr)
{
	wire_tell(t, c, nr, VC_PORT_READY, 1);
}

/* PORT_NAME begins with the name; whether a NUL follows is another case's. */
static void named(struct trial *t, struct vcon *c, uint32_t id, const char *name)
{
	struct buf is = BUF_INIT;
	struct vcon_msg m;

	CHECK(t, vcon_event(c, &m, VCON_MS), "no PORT_NAME comes");
	vcon_msg_text(&m, &is);
	CHECK(t,
	      m.id == id && m.event == VC_PORT_NAME && m.n_more >= strlen(name) &&
		      memcmp(m.more, name, strlen(name)) == 0,
	      "the device sends %s, want the name %s", is.data, name);
	buf_release(&is);
}

CASE(wire_handshake_case, .id = "wire.handshake",
     .title = "DEVICE_READY brings the ports in plug order, PORT_READY each port's options, and "
	      "nothing comes unasked",
     .clause = "virtio-1.2/console/C-15, C-16, C-23, C-26, C-27, C-28, C-29, C-31, C-32 (5.3.6.2)",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks,
     .wire = handshake_topology)
{
	struct vcon *c = trial_vcon(t, NULL);

	wire_no_event(t, c);
	wire_tell(t, c, VC_NO_ID, VC_DEVICE_READY, 1);
	wire_event(t, c, 5, VC_PORT_ADD, 1, "");
	wire_event(t, c, 0, VC_PORT_ADD, 1, "");
	wire_event(t, c, 3, VC_PORT_ADD, 1, "");
	wire_event(t, c, 1, VC_PORT_ADD, 1, "");
	wire_no_event(t, c);
	ready(t, c, 5);
	named(t, c, 5, "org.test.five");
	wire_no_event(t, c);
	ready(t, c, 0);
	wire_event(t, c, 0, VC_CONSOLE_PORT, 1, "");
	wire_event(t, c, 0, VC_PORT_OPEN, 1, "");
	ready(t, c, 3);
	wire_event(t, c, 3, VC_CONSOLE_PORT, 1, "");
	named(t, c, 3, "org.test.three");
	wire_event(t, c, 3, VC_PORT_OPEN, 1, "");
	ready(t, c, 1);
	wire_no_event(t, c);
	CHECK(t, target_log(c->t) == 0, "QEMU complains of a good driver");
}

CASE(wire_name_ends, .id = "wire.name-without-nul",
     .title = "a port's name is told without a NUL behind it",
     .clause = "virtio-1.2/console/C-35 (5.3.6.2.1)", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"transport", NULL}, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	struct vcon *c = trial_vcon(t, NULL);
	struct vcon_msg m;

	ready(t, c, 1);
	CHECK(t, vcon_event(c, &m, VCON_MS) && m.event == VC_PORT_NAME, "no PORT_NAME comes");
	CHECK(t, m.used_len == 8 + strlen(WIRE_NAME), "the name of %zu bytes is told in %u",
	      strlen(WIRE_NAME), m.used_len - 8);
}

CASE(wire_announced_once, .id = "wire.announced-once",
     .title = "a port that exists is not announced again",
     .clause = "virtio-1.2/console/C-36 (5.3.6.2.1)", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"transport", NULL}, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	struct vcon *c = trial_vcon(t, NULL);

	wire_tell(t, c, VC_NO_ID, VC_DEVICE_READY, 1);
	wire_event(t, c, 0, VC_PORT_ADD, 1, "");
	wire_event(t, c, 1, VC_PORT_ADD, 1, "");
	wire_tell(t, c, VC_NO_ID, VC_DEVICE_READY, 1);
	wire_no_event(t, c);
}

CASE(wire_silent_before_ready, .id = "wire.silent-before-ready",
     .title = "before DEVICE_READY no message comes, though a host connects and leaves",
     .clause = "virtio-1.2/console/C-15 (5.3.5)", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"transport", NULL}, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	struct vcon *c = trial_vcon(t, NULL);

	wire_host_open(t, 1);
	wire_no_event(t, c);
	target_host_close(c->t, 1);
	wire_no_event(t, c);
}

CASE(wire_ready_values, .id = "wire.ready-values",
     .title = "value 0 of DEVICE_READY and PORT_READY is a failure that brings nothing; the id of "
	      "DEVICE_READY does not count",
     .clause = "virtio-1.2/console/C-28, C-31, U-07 (5.3.6.2)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	struct vcon *c = trial_vcon(t, NULL);
	unsigned log;

	wire_tell(t, c, VC_NO_ID, VC_DEVICE_READY, 0);
	wire_no_event(t, c);
	wire_tell(t, c, 0, VC_PORT_READY, 0);
	wire_no_event(t, c);
	log = target_log(c->t);
	CHECK(t, log == TARGET_LOG_GUEST_FAILURE, "QEMU's words about failures: %#x", log);
	wire_tell(t, c, 77, VC_DEVICE_READY, 1);
	wire_event(t, c, 0, VC_PORT_ADD, 1, "");
	wire_event(t, c, 1, VC_PORT_ADD, 1, "");
	wire_no_event(t, c);
}

CASE(wire_host_comes_and_goes, .id = "wire.host-comes-and-goes",
     .title = "a serial port tells that its host has come and gone, a console does not",
     .clause = "virtio-1.2/console/C-34 (5.3.6.2); qemu/hw/char/virtio-console.c chr_event()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	struct vcon *c = trial_vcon(t, NULL);
	struct target_port_state state;

	wire_handshake(t, c);
	for (int round = 0; round < 3; round++) {
		wire_host_open(t, 1);
		wire_event(t, c, 1, VC_PORT_OPEN, 1, "");
		target_host_close(c->t, 1);
		wire_event(t, c, 1, VC_PORT_OPEN, 0, "");
		wire_host_open(t, 0);
		target_host_close(c->t, 0);
		wire_no_event(t, c);
	}
	CHECK(t, target_port_state(c->t, 1, &state) && state.guest && !state.host,
	      "port 1 at the end: guest %d, host %d", state.guest, state.host);
}

/* Into one buffer of several pieces, each of its own size. */
static void tell_in_pieces(struct trial *t, struct vcon *c, const unsigned char *raw,
			   const unsigned *sizes)
{
	struct ring_seg segs[8];
	struct ring_used used;
	size_t n = 0, at = 0;

	for (; n < 8 && sizes[n]; n++) {
		/* Apart from each other, so that nobody can read on by mistake. */
		uint64_t addr = target_alloc(c->t, 64, 64);

		target_mem_write(c->t, addr, raw + at, sizes[n]);
		segs[n] = (struct ring_seg){.addr = addr, .len = sizes[n]};
		at += sizes[n];
	}
	ring_submit(vcon_ring(c, VQ_CTL_TX), segs, n);
	CHECK(t, ring_await(vcon_ring(c, VQ_CTL_TX), &used, VCON_MS),
	      "a control message of %zu pieces does not come back", n);
	CHECK(t, used.len == 0, "it comes back with used length %u", used.len);
}

CASE(wire_control_pieces, .id = "wire.control-pieces",
     .title = "a control message may lie in any number of descriptors, cut anywhere",
     .clause = "virtio-1.2/console/G-SR-01, C-45 (2.7.4.1)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	static const unsigned sizes[][9] = {{4, 4},    {1, 7},	     {7, 1},
					    {3, 2, 3}, {2, 2, 2, 2}, {1, 1, 1, 1, 1, 1, 1, 1}};
	static const unsigned char ready_1[8] = {1, 0, 0, 0, VC_PORT_READY, 0, 1, 0};
	struct vcon *c = trial_vcon(t, NULL);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		tell_in_pieces(t, c, ready_1, sizes[i]);
		named(t, c, 1, WIRE_NAME);
		wire_no_event(t, c);
	}
}

/**
 * struct odd - A control message that a good driver does not send
 * @text:	what is odd about it
 * @log:	what QEMU says
 */
struct odd {
	const char *text;
	unsigned char raw[20];
	size_t len;
	unsigned log;
};

static const struct odd odds[] = {
	{"1 byte", {1}, 1, 0},
	{"7 bytes", {1, 0, 0, 0, VC_PORT_READY, 0, 1}, 7, 0},
	{"unknown event 8", {1, 0, 0, 0, 8, 0, 1, 0}, 8, 0},
	{"unknown event 65535", {1, 0, 0, 0, 255, 255, 1, 0}, 8, 0},
	{"PORT_ADD", {1, 0, 0, 0, VC_PORT_ADD, 0, 1, 0}, 8, 0},
	{"PORT_REMOVE", {1, 0, 0, 0, VC_PORT_REMOVE, 0, 1, 0}, 8, 0},
	{"CONSOLE_PORT", {1, 0, 0, 0, VC_CONSOLE_PORT, 0, 1, 0}, 8, 0},
	{"RESIZE", {1, 0, 0, 0, VC_RESIZE, 0, 1, 0, 80, 0, 25, 0}, 12, 0},
	{"PORT_NAME", {1, 0, 0, 0, VC_PORT_NAME, 0, 1, 0, 'x'}, 9, 0},
	{"PORT_READY of a port that is not there",
	 {2, 0, 0, 0, VC_PORT_READY, 0, 1, 0},
	 8,
	 TARGET_LOG_UNEXPECTED_PORT},
	{"PORT_OPEN of a port beyond max_nr_ports",
	 {4, 0, 0, 0, VC_PORT_OPEN, 0, 1, 0},
	 8,
	 TARGET_LOG_UNEXPECTED_PORT},
	{"PORT_OPEN of port 2^31",
	 {0, 0, 0, 128, VC_PORT_OPEN, 0, 1, 0},
	 8,
	 TARGET_LOG_UNEXPECTED_PORT},
};

CASE(wire_control_odd, .id = "wire.control-odd",
     .title = "short, unknown and misdirected control messages come back unanswered, and change "
	      "nothing",
     .clause = "virtio-1.2/console/C-26, U-01, U-04, U-05, U-06 (5.3.6.2)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	struct vcon *c = trial_vcon(t, NULL);

	wire_handshake(t, c);
	for (size_t i = 0; i < sizeof(odds) / sizeof(*odds); i++) {
		const struct odd *o = &odds[i];
		struct target_port_state state;
		uint32_t used;
		unsigned log;

		CHECK(t, vcon_tell_raw(c, o->raw, o->len, &used), "%s: it does not come back",
		      o->text);
		CHECK(t, used == 0, "%s: used length %u", o->text, used);
		wire_no_event(t, c);
		log = target_log(c->t);
		CHECK(t, log == o->log, "%s: QEMU's words are of class %#x, want %#x", o->text, log,
		      o->log);
		CHECK(t, target_port_state(c->t, 1, &state) && state.exists && state.guest,
		      "%s: port 1 is not as it was", o->text);
	}
	/* Twice as long: the first eight bytes count (U-02). */
	CHECK(t, vcon_tell_raw(c, "\1\0\0\0\3\0\1\0\1\0\0\0\3\0\1\0", 16, NULL), "16 bytes");
	named(t, c, 1, WIRE_NAME);
	wire_no_event(t, c);
}

CASE(wire_plugged, .id = "wire.plugged",
     .title =
	     "a port that comes is announced, one that goes is taken back, one too many is refused",
     .clause = "virtio-1.2/console/C-23, C-30, C-37 (5.3.6.2)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	static const struct target_port port_3 = {.nr = 3, .name = "org.test.late"},
					port_4 = {.nr = 4, .no_chardev = true};
	struct vcon *c = trial_vcon(t, NULL);

	wire_handshake(t, c);
	for (int round = 0; round < 2; round++) {
		CHECK(t, target_plug(c->t, &port_3), "plugging: %s", c->t->refusal.data);
		wire_event(t, c, 3, VC_PORT_ADD, 1, "");
		ready(t, c, 3);
		named(t, c, 3, "org.test.late");
		wire_host_open(t, 3);
		wire_event(t, c, 3, VC_PORT_OPEN, 1, "");
		CHECK(t, target_unplug(c->t, 3, false), "unplugging: %s", c->t->refusal.data);
		wire_event(t, c, 3, VC_PORT_REMOVE, 1, "");
		wire_no_event(t, c);
	}
	CHECK(t, !target_plug(c->t, &port_4) && strstr(c->t->refusal.data, "Out-of-range"),
	      "port 4 of 4: %s", c->t->refusal.len ? c->t->refusal.data : "accepted");
	wire_no_event(t, c);
}
