// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front_test.c - frontends on a machine that is a few lines of this file, and lies when told to
 *
 * I/O ports answer from a table of registers; the virtio device acts within the kick, on split
 * rings in RAM of the test's.
 */
#include "harness/virtio/front.h"
#include "harness/virtio/ram_testing.h"

#define PORT	1
#define SIZE	16 /* of a ring */
#define QUEUES	6
#define STEPS	2000
#define COM1	0x3f8
#define LSR	5
#define LSR_ALL 0x61 /* data ready, THRE, TEMT */

/** enum lie - What the device does instead of its work */
enum lie {
	HONEST,
	HOLDS,	   /* no buffer comes back */
	STRANGER,  /* returns one that it was not given */
	TOO_MANY,  /* more than it was given */
	EMPTY,	   /* returns what is to be filled at once, with nothing in it */
	CHATTER,   /* fills what is to be filled at once, with anything */
	PASSES_OUT /* ends in the middle of an access */
};

/**
 * struct machine - Ports, RAM and a device
 * @random:	what ports answer: anything
 * @lsr:	or this, and what is written to @out
 * @seen, @used: by queue: buffers taken and returned
 * @left:	accesses before it passes out
 */
struct machine {
	struct ram_target base;
	struct front_bus bus;
	struct front front;
	enum lie lie;
	bool random;
	uint8_t lsr;
	struct buf out;
	uint16_t seen[QUEUES], used[QUEUES];
	uint64_t dice;
	unsigned left;
};

static struct machine *of(struct target *t)
{
	return (struct machine *)t;
}

/* Marsaglia, Xorshift RNGs: the 64-bit one. */
static uint64_t roll(struct machine *m)
{
	m->dice ^= m->dice << 13;
	m->dice ^= m->dice >> 7;
	m->dice ^= m->dice << 17;
	return m->dice;
}

static void wear_out(struct machine *m)
{
	if (m->lie == PASSES_OUT && m->left-- == 0)
		target_ended(&m->base.target, TARGET_DIED, "it passes out");
}

static uint32_t port_in(struct target *t, uint16_t port, unsigned width)
{
	struct machine *m = of(t);

	ck_assert_uint_eq(width, 1);
	wear_out(m);
	if (m->base.target.end != TARGET_ALIVE)
		return 0xff;
	if (m->random)
		return (uint32_t)roll(m) & 0xff;
	return port == COM1 + LSR ? m->lsr : port == COM1 ? 'r' : 0;
}

static void port_out(struct target *t, uint16_t port, unsigned width, uint32_t value)
{
	struct machine *m = of(t);

	ck_assert_uint_eq(width, 1);
	wear_out(m);
	if (port == COM1 || port == 0xe9 || port == 0x378)
		buf_add(&m->out, &(char){(char)value}, 1);
	if (port == 0x37a && (value & 1))
		buf_addstr(&m->out, "!"); /* the strobe */
}

static const struct target_ops machine_ops = {.in = port_in, .out = port_out, RAM_OPS};

/* ---- the device */

static unsigned device_size(struct vdev *v, unsigned q)
{
	(void)v;
	return q < QUEUES ? SIZE : 0;
}

static void device_set(struct vdev *v, unsigned q, unsigned size, uint64_t desc, uint64_t driver,
		       uint64_t device)
{
	ck_assert(v->t && q < QUEUES && size == SIZE && desc && driver && device);
}

static void give_back(struct machine *m, unsigned q, uint32_t id, uint32_t len)
{
	const struct ring *r = &m->bus.con.queues[q]->ring;
	uint64_t entry = r->device + 4 + 8ULL * (m->used[q] % SIZE);

	ram_write(&m->base.target, entry, 4, id);
	ram_write(&m->base.target, entry + 4, 4, len);
	ram_write(&m->base.target, r->device + 2, 2, ++m->used[q]);
}

/* A buffer that the driver has given away: its id; -1: there is none. */
static int next_buffer(struct machine *m, unsigned q, struct ring_desc *d)
{
	struct ring *r = &m->bus.con.queues[q]->ring;
	uint16_t there = (uint16_t)ram_read(&m->base.target, r->driver + 2, 2);
	int id;

	if (m->seen[q] == there)
		return -1;
	id = (int)ram_read(&m->base.target, r->driver + 4 + 2ULL * (m->seen[q]++ % SIZE), 2);
	*d = ring_peek_desc(r, (unsigned)id);
	return id;
}

/* Bytes for the driver. */
static void fill_one(struct machine *m, unsigned q, const void *data, size_t len)
{
	struct ring_desc d;
	int id = next_buffer(m, q, &d);

	ck_assert(id >= 0 && len <= d.len);
	ram_put(&m->base.target, d.addr, data, len);
	give_back(m, q, (uint32_t)id, (uint32_t)len);
}

/* It acts within the kick, once for each: what it is given back meanwhile it sees at the next. */
static void device_kick(struct vdev *v, unsigned q)
{
	struct machine *m = of(v->t);
	struct ring_desc d;
	int id;

	if (m->lie == HOLDS || (q % 2 == 0 && m->lie != EMPTY && m->lie != CHATTER))
		return;
	while ((id = next_buffer(m, q, &d)) >= 0) {
		unsigned char any[64];

		for (size_t i = 0; i < sizeof(any); i++)
			any[i] = (unsigned char)roll(m);
		if (q % 2 && q != VQ_CTL_TX)
			buf_add(&m->out, (char *)m->base.ram + d.addr, d.len);
		if (m->lie == CHATTER && q % 2 == 0)
			ram_put(v->t, d.addr, any, sizeof(any));
		give_back(m, q, m->lie == STRANGER ? SIZE + 3 : (unsigned)id,
			  q % 2 || m->lie == EMPTY ? 0 : sizeof(any));
	}
	if (m->lie == TOO_MANY)
		give_back(m, q, 0, 0);
}

static const struct vdev_ops device_ops = {.queue_size = device_size,
					   .queue_set = device_set,
					   .notify = device_kick};

static void machine_init(struct machine *m)
{
	*m = (struct machine){.out = BUF_INIT, .dice = 88172645463325252ULL, .lsr = LSR_ALL};
	ram_target_init(&m->base, &machine_ops);
}

static void uart_init(struct machine *m)
{
	machine_init(m);
	front_start(&m->front, &m->base.target, FRONT_ISA_SERIAL, 0, NULL);
	buf_clear(&m->out);
}

/* As front_bus_start() leaves it. */
static void port_init(struct machine *m)
{
	static const unsigned queues[] = {VQ_CTL_RX, VQ_CTL_TX, 4, 5};
	struct vcon *con = &m->bus.con;

	machine_init(m);
	con->t = &m->base.target;
	con->v = (struct vdev){.t = &m->base.target, .ops = &device_ops};
	con->multiport = true;
	for (size_t i = 0; i < sizeof(queues) / sizeof(*queues); i++) {
		con->queues[queues[i]] = calloc(1, sizeof(struct vcon_queue));
		ck_assert(ring_init(&con->queues[queues[i]]->ring, &con->v, queues[i], 0));
	}
	con->scratch = target_alloc(&m->base.target, 65536, 4096);
	for (int i = 0; i < 8; i++)
		ck_assert_int_ge(vcon_post(con, VQ_CTL_RX, 64), 0);
	front_start(&m->front, &m->base.target, FRONT_VIRTSERIALPORT, PORT, &m->bus);
}

static void machine_release(struct machine *m)
{
	front_release(&m->front);
	front_bus_release(&m->bus);
	buf_release(&m->out);
	target_release(&m->base.target);
}

/* ---- what they do */

START_TEST(kinds_are_those_of_qemu)
{
	enum front_kind kind;
	struct front f = {.kind = FRONT_DEBUGCON};

	ck_assert(front_kind_parse("virtconsole", &kind) && kind == FRONT_VIRTCONSOLE);
	ck_assert(front_kind_is_virtio(kind));
	ck_assert(front_kind_parse("isa-parallel", &kind) && !front_kind_is_virtio(kind));
	ck_assert(!front_kind_parse("", &kind) && !front_kind_parse("isa-seria", &kind) &&
		  !front_kind_parse("isa-serial,", &kind));
	ck_assert(!front_hears(&f));
}
END_TEST

START_TEST(a_uart_takes_a_fifo_of_bytes_when_it_is_empty)
{
	char bytes[40];
	struct machine m;

	memset(bytes, 'x', sizeof(bytes));
	uart_init(&m);
	ck_assert_uint_eq(front_send(&m.front, bytes, 0), 0);
	ck_assert_uint_eq(front_send(&m.front, bytes, 40), 16);
	ck_assert_uint_eq(front_pending(&m.front), 0);
	m.lsr = 0; /* the host stalls */
	ck_assert_uint_eq(front_send(&m.front, bytes, 5), 5);
	ck_assert_uint_eq(front_pending(&m.front), 5);
	ck_assert_uint_eq(front_send(&m.front, bytes, 5), 0);
	ck_assert_uint_eq(front_recv(&m.front, bytes, 40), 0);
	m.lsr = LSR_ALL;
	ck_assert_uint_eq(front_pending(&m.front), 0);
	ck_assert_uint_eq(front_send(&m.front, bytes, 1), 1);
	ck_assert_uint_eq(front_recv(&m.front, bytes, 40), 40); /* data is always ready */
	ck_assert(m.front.sent == 22 && m.front.received == 40 && m.out.len == 22);
	machine_release(&m);
}
END_TEST

START_TEST(each_byte_goes_to_its_port)
{
	struct machine m;

	machine_init(&m);
	front_start(&m.front, &m.base.target, FRONT_DEBUGCON, 0, NULL);
	ck_assert_uint_eq(front_send(&m.front, "abc", 3), 3);
	ck_assert_str_eq(m.out.data, "abc");
	front_start(&m.front, &m.base.target, FRONT_PARALLEL, 0, NULL);
	ck_assert_uint_eq(front_send(&m.front, "de", 2), 2);
	ck_assert_str_eq(m.out.data, "abcd!e!");
	ck_assert_uint_eq(front_recv(&m.front, (char[4]){0}, 4), 0);
	ck_assert(front_host_open(&m.front) && !front_pending(&m.front));
	machine_release(&m);
}
END_TEST

START_TEST(a_port_gives_and_takes_in_pieces)
{
	char bytes[FRONT_BUFFER * (FRONT_SLOTS + 2)], got[8];
	struct machine m;
	size_t sent = 0, n;

	port_init(&m);
	memset(bytes, 'p', sizeof(bytes));
	ck_assert_uint_eq(front_send(&m.front, bytes, sizeof(bytes)), FRONT_BUFFER);
	ck_assert(!front_pending(&m.front) && m.out.len == FRONT_BUFFER);
	m.lie = HOLDS;
	while ((n = front_send(&m.front, bytes, sizeof(bytes))))
		sent += n;
	ck_assert_uint_eq(sent, FRONT_BUFFER * FRONT_SLOTS);
	ck_assert_uint_eq(front_pending(&m.front), sent);
	fill_one(&m, vcon_rxq(PORT), "abcdefghij", 10);
	fill_one(&m, vcon_rxq(PORT), "", 0);
	fill_one(&m, vcon_rxq(PORT), "klm", 3);
	ck_assert(front_recv(&m.front, got, 8) == 8 && memcmp(got, "abcdefgh", 8) == 0);
	ck_assert(front_recv(&m.front, got, 8) == 5 && memcmp(got, "ijklm", 5) == 0);
	ck_assert_uint_eq(front_recv(&m.front, got, 8), 0);
	ck_assert(!front_host_open(&m.front));
	fill_one(&m, VQ_CTL_RX, "\1\0\0\0\6\0\1\0", 8);
	ck_assert(front_host_open(&m.front) && m.bus.host_changes[PORT] == 1);
	fill_one(&m, VQ_CTL_RX, "\1\0\0\0\6\0\0\0", 8);
	fill_one(&m, VQ_CTL_RX, "\xff\xff\xff\xff\6\0\1\0", 8); /* of no port */
	fill_one(&m, VQ_CTL_RX, "\1\0", 2);
	ck_assert(!front_host_open(&m.front) && m.bus.host_changes[PORT] == 2);
	ck_assert_int_eq(m.base.target.end, TARGET_ALIVE);
	machine_release(&m);
}
END_TEST

/* ---- what a broken machine does to them */

START_TEST(registers_may_say_anything)
{
	uint64_t sent = 0, received = 0;
	char bytes[64];
	struct machine m;

	uart_init(&m);
	m.random = true;
	memset(bytes, 'x', sizeof(bytes));
	for (int i = 0; i < STEPS; i++) {
		size_t len = roll(&m) % (sizeof(bytes) + 1);
		size_t n = front_send(&m.front, bytes, len);

		ck_assert(n <= len && n <= 16);
		sent += n;
		n = front_recv(&m.front, bytes, len);
		ck_assert(n <= len);
		received += n;
		ck_assert_uint_le(front_pending(&m.front), 16);
	}
	ck_assert(m.front.sent == sent && m.front.received == received && m.out.len == sent);
	machine_release(&m);
}
END_TEST

/* Whenever that is: nothing of an access that was not answered counts. */
START_TEST(a_machine_that_has_ended_neither_takes_nor_gives)
{
	static const enum front_kind kinds[] = {FRONT_ISA_SERIAL, FRONT_DEBUGCON, FRONT_PARALLEL};
	char bytes[32] = "";

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		for (unsigned left = 0; left < 20; left++) {
			struct machine m;
			size_t n;

			machine_init(&m);
			front_start(&m.front, &m.base.target, kinds[k], 0, NULL);
			m.lie = PASSES_OUT;
			m.left = left;
			n = front_recv(&m.front, bytes, sizeof(bytes));
			ck_assert(!memchr(bytes, '\xff', n));
			n = front_send(&m.front, bytes, sizeof(bytes));
			ck_assert(n == 0 || m.base.target.end == TARGET_ALIVE);
			m.left = 0;
			front_send(&m.front, bytes, 1);
			ck_assert_int_eq(m.base.target.end, TARGET_DIED);
			ck_assert(!front_send(&m.front, bytes, sizeof(bytes)) &&
				  !front_recv(&m.front, bytes, sizeof(bytes)));
			machine_release(&m);
		}
}
END_TEST

START_TEST(a_device_that_breaks_its_rings_has_ended)
{
	static const enum lie lies[] = {STRANGER, TOO_MANY};
	char bytes[FRONT_BUFFER] = "";

	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		struct machine m;

		port_init(&m);
		m.lie = lies[i];
		front_send(&m.front, bytes, 10);
		front_pending(&m.front);
		ck_assert_int_eq(m.base.target.end, TARGET_WRONG);
		ck_assert_uint_eq(front_send(&m.front, bytes, 10), 0);
		machine_release(&m);
	}
}
END_TEST

START_TEST(a_length_beyond_the_buffer_is_no_length)
{
	char bytes[2 * FRONT_BUFFER];
	struct ring_desc d;
	struct machine m;
	int id;

	port_init(&m);
	id = next_buffer(&m, vcon_rxq(PORT), &d);
	give_back(&m, vcon_rxq(PORT), (uint32_t)id, FRONT_BUFFER + 1);
	ck_assert_uint_eq(front_recv(&m.front, bytes, sizeof(bytes)), 0);
	ck_assert_int_eq(m.base.target.end, TARGET_WRONG);
	machine_release(&m);
}
END_TEST

START_TEST(a_device_that_never_stops_is_left_alone)
{
	static const enum lie lies[] = {EMPTY, CHATTER};
	char bytes[300];

	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		struct machine m;

		port_init(&m);
		m.lie = lies[i];
		ring_kick(vcon_ring(&m.bus.con, vcon_rxq(PORT)));
		ring_kick(vcon_ring(&m.bus.con, VQ_CTL_RX));
		for (int round = 0; round < 5; round++) {
			size_t n = front_recv(&m.front, bytes, sizeof(bytes));

			ck_assert_uint_eq(n, lies[i] == EMPTY ? 0 : sizeof(bytes));
			front_bus_look(&m.bus);
		}
		ck_assert_int_eq(m.base.target.end, TARGET_ALIVE);
		machine_release(&m);
	}
}
END_TEST

UNIT_TESTS(front, kinds_are_those_of_qemu, a_uart_takes_a_fifo_of_bytes_when_it_is_empty,
	   each_byte_goes_to_its_port, a_port_gives_and_takes_in_pieces, registers_may_say_anything,
	   a_machine_that_has_ended_neither_takes_nor_gives,
	   a_device_that_breaks_its_rings_has_ended, a_length_beyond_the_buffer_is_no_length,
	   a_device_that_never_stops_is_left_alone)
