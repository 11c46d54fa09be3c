// SPDX-License-Identifier: GPL-2.0-or-later
/* interrupt.c - a stream is interrupted again and again, and goes on */
#include "cases/streams/interrupt.h"

#include <stdlib.h>
#include <string.h>

#define QMP_MS	5000
#define SUBSETS 15 /* of four ends, without the empty one */
#define DEALT	5  /* in a trial of pace short; three of them are all */

void interrupt_qmp(struct circuit *r, const char *command, const char *args)
{
	struct qmp *q = &r->t->rig.vm.qmp;
	enum qmp_result result = args ? qmp_cmd(q, deadline_in(QMP_MS), command, "%s", args)
				      : qmp_cmd(q, deadline_in(QMP_MS), command, NULL);
	struct buf why = BUF_INIT;

	if (result == QMP_OK)
		return;
	vm_qmp_trouble(&r->t->rig.vm, result, command, &why);
	trial_fail(r->t, __FILE__, __LINE__, "%s: %s", r->what, why.data);
}

static void check_status(struct circuit *r, const char *want)
{
	char *status;

	interrupt_qmp(r, "query-status", NULL);
	status = qmp_get(&r->t->rig.vm.qmp, "status");
	CHECK(r->t, status && strcmp(status, want) == 0, "%s: the machine's status is %s, not %s",
	      r->what, status ? status : "(nothing)", want);
	free(status);
}

/* While it is stopped we send on, and take what had come out before. */
static void stop_cont(struct circuit *r)
{
	interrupt_qmp(r, "stop", NULL);
	circuit_touch(r);
	check_status(r, "paused");
	circuit_touch(r);
	interrupt_qmp(r, "cont", NULL);
	check_status(r, "running");
}

static void host_from(struct circuit *r)
{
	chr_close(r->a);
	circuit_open_host(r, r->a);
	circuit_mark(r);
}

/* That the guest knows, and writes no more, shows when it reads no more. */
static void host_to(struct circuit *r)
{
	chr_close(r->b);
	circuit_brim(r);
	circuit_open_host(r, r->b);
}

static void host_both(struct circuit *r)
{
	chr_close(r->a);
	chr_close(r->b);
	circuit_open_host(r, r->b);
	circuit_open_host(r, r->a);
}

static void close_from(struct circuit *r)
{
	circuit_brim(r);
	circuit_close_node(r, CIRCUIT_FROM);
	if (circuit_is_port(&r->t->spec->variant))
		circuit_mark(r);
}

static void guest_from(struct circuit *r)
{
	close_from(r);
	circuit_open_node(r, CIRCUIT_FROM);
}

static void guest_to(struct circuit *r)
{
	circuit_close_node(r, CIRCUIT_TO);
	circuit_open_node(r, CIRCUIT_TO);
}

static void guest_both(struct circuit *r)
{
	close_from(r);
	circuit_close_node(r, CIRCUIT_TO);
	circuit_open_node(r, CIRCUIT_TO);
	circuit_open_node(r, CIRCUIT_FROM);
}

/* The four ends, a bit for each in a subset. */
enum { HOST_A, HOST_B, GUEST_FROM, GUEST_TO, ENDS };

/* A host that leaves a port with bytes for it, which the guest has closed, may leave it throttled
 * for good: that is wire.host-after-stall's to say (see cases.conf), and would be a race here. */
static void receiver_leaves(struct circuit *r, bool guest_goes, bool guest_gone)
{
	struct deadline d = deadline_in(QMP_MS);

	if (guest_gone)
		circuit_take_all(r);
	chr_close(r->b);
	while (guest_goes && !guest_gone && circuit_receiver_told(r).host)
		CHECK(r->t, !deadline_passed(d), "%s: QEMU does not see that the host has left",
		      r->what);
}

static void open_end(struct circuit *r, unsigned int end)
{
	if (end == HOST_A || end == HOST_B)
		circuit_open_host(r, end == HOST_A ? r->a : r->b);
	else
		circuit_open_node(r, end == GUEST_FROM ? CIRCUIT_FROM : CIRCUIT_TO);
}

/* It is one of @set, of which @gone went before it. */
static void close_end(struct circuit *r, unsigned int end, unsigned int set, unsigned int gone)
{
	bool race = circuit_is_port(&r->t->spec->variant);

	if (end == HOST_A)
		chr_close(r->a);
	else if (end == HOST_B)
		receiver_leaves(r, race && set >> GUEST_TO & 1, race && gone >> GUEST_TO & 1);
	else
		circuit_close_node(r, end == GUEST_FROM ? CIRCUIT_FROM : CIRCUIT_TO);
}

/* xorshift64*: what is drawn depends on the seed alone. */
static unsigned int draw(uint64_t *x, unsigned int below)
{
	*x ^= *x >> 12;
	*x ^= *x << 25;
	*x ^= *x >> 27;
	return (unsigned int)((*x * 0x2545F4914F6CDD1DULL) >> 33) % below;
}

/* Each of the 15 subsets of the four ends once, shuffled. */
static void make_deck(unsigned int deck[SUBSETS])
{
	uint64_t x = SUBSETS;

	for (unsigned int i = 0; i < SUBSETS; i++) {
		unsigned int j = draw(&x, i + 1);

		deck[i] = deck[j];
		deck[j] = i + 1;
	}
}

/* What is sent into a host's end that is not open yet has no place to wait in. */
static void mark_without(struct circuit *r)
{
	if (!chr_is_open(r->a) || !circuit_can_brim(r))
		return;
	circuit_brim(r);
	circuit_mark(r);
}

/* Some of the four ends go, in some order, and come back in another. The axis's number says where
 * in the deck it begins: the three of pace short deal all of it. */
static void random_ends(struct circuit *r)
{
	static unsigned int deck[SUBSETS], card;
	static uint64_t x;
	unsigned int set;

	if (!x) {
		x = strtoull(strrchr(trial_axis(r->t, "interruption"), '-') + 1, NULL, 10);
		card = ((unsigned int)x - 1) * DEALT;
		make_deck(deck);
	}
	set = deck[card++ % SUBSETS];
	for (int open = 0; open <= 1; open++) {
		unsigned int first = draw(&x, ENDS), gone = 0;

		for (unsigned int i = 0; i < ENDS; i++) {
			unsigned int end = (first + i) % ENDS;

			if (set >> end & 1 && open)
				open_end(r, end);
			else if (set >> end & 1)
				close_end(r, end, set, gone);
			gone |= set & 1U << end;
		}
		if (!open)
			mark_without(r);
	}
	trial_note(r->t, "ends 0x%x went (1 host's sender, 2 its receiver, 4 and 8 the guest's)",
		   set);
}

#define DISCARDED                                                                                  \
	"our own socket's content, and what the guest had queued: hw/char/virtio-serial-bus.c "    \
	"virtio_serial_close() discards it"

#define NOTHING	   TOLL_NOTHING
#define ON_THE_WAY TOLL_ON_THE_WAY
#define UART_TAKES                                                                                 \
	"A UART takes bytes all the time (hw/char/serial.c serial_can_receive()), and its driver " \
	"throws them away when it starts"
#define RANDOM                                                                                     \
	DISCARDED "; what is sent while QEMU reads no more has to come where the host's sender "   \
		  "stays. " UART_TAKES
/* tcp_keeps, console, serial, plugged. Other than a port's, a console's node comes back cooked
 * (linux/drivers/tty/hvc/hvc_console.c TTY_DRIVER_RESET_TERMIOS), so bytes for it must not come
 * before its opener has made it raw; and unplugged and plugged again, it is another one
 * (hvc_alloc()). */
#define PORT_ONLY  false, false, false, false
#define PLUGGED	   false, false, false, true
#define SERIAL_TOO false, false, true, true
#define ALL	   false, true, true, true

static const struct interruption interruptions[] = {
	{"stop-cont", stop_cont, NOTHING, NOTHING, ALL, MARK_NONE,
	 "hw/char/virtio-serial-bus.c, hw/char/serial.c: nothing is dropped in a machine that "
	 "stands"},
	{"host-from", host_from, ON_THE_WAY, ON_THE_WAY, true, true, true, true, MARK_NEW,
	 "a unix socket hangs up when it is closed, and chardev/char-socket.c tcp_chr_hup() does "
	 "not read on while the port takes nothing; a tcp connection comes to its end of file. "
	 "What goes into the new one, also before QEMU has accepted it, is read from it"},
	{"host-to", host_to, ON_THE_WAY, ON_THE_WAY, ALL, MARK_BRIM,
	 DISCARDED "; once the guest knows, linux/drivers/char/virtio_console.c "
		   "will_write_block() holds its writer: from there on. A console's and a UART's "
		   "is never told"},
	{"host-both", host_both, ON_THE_WAY, ON_THE_WAY, ALL, MARK_NONE,
	 DISCARDED "; what goes into the new ones may meet the end of the old one behind it"},
	{"guest-from", guest_from, ON_THE_WAY, ON_THE_WAY, SERIAL_TOO, MARK_ALWAYS,
	 "linux/drivers/char/virtio_console.c port_fops_release() discards what was received and "
	 "not read; what QEMU has not read yet stays in the socket: from there on. " UART_TAKES},
	{"guest-to", guest_to, NOTHING, NOTHING, ALL, MARK_NONE,
	 "what write() took is in the queue and is sent: hw/char/virtio-console.c "
	 "set_guest_connected() drops nothing; linux/drivers/tty/tty_port.c tty_port_close_start() "
	 "waits until all is sent"},
	{"guest-both", guest_both, ON_THE_WAY, ON_THE_WAY, SERIAL_TOO, MARK_ALWAYS,
	 "as guest-from and guest-to"},
	{"random-1", random_ends, ON_THE_WAY, ON_THE_WAY, SERIAL_TOO, MARK_PARTLY, RANDOM},
	{"random-2", random_ends, ON_THE_WAY, ON_THE_WAY, SERIAL_TOO, MARK_PARTLY, RANDOM},
	{"random-3", random_ends, ON_THE_WAY, ON_THE_WAY, SERIAL_TOO, MARK_PARTLY, RANDOM},
	{"unplug-from", interrupt_unplug_from, ON_THE_WAY, ON_THE_WAY, PLUGGED, MARK_ALWAYS,
	 "linux/drivers/char/virtio_console.c unplug_port() drops what was received and not read; "
	 "the backend and what is in it stay: from event DEVICE_DELETED on"},
	{"unplug-full", interrupt_unplug_full, ON_THE_WAY, 0, PORT_ONLY, MARK_BRIM,
	 "as unplug-from; and a port that has gone takes nothing more: from device_del on"},
	{"unplug-to", interrupt_unplug_to, ON_THE_WAY, ON_THE_WAY, PLUGGED, MARK_ALWAYS,
	 "hw/char/virtio-serial-bus.c remove_port() discards what the guest had queued, and what "
	 "it queues until it knows: from there on"},
	{"unplug-controller", interrupt_unplug_all, ON_THE_WAY, 0, PORT_ONLY, MARK_ALWAYS,
	 "as unplug-from and unplug-to"},
	{"driver-held", interrupt_driver_held, NOTHING, 0, PORT_ONLY, MARK_NONE,
	 "linux/drivers/char/virtio_console.c portdev_fops.owner: an open node keeps its driver"},
	{"driver", interrupt_driver, ON_THE_WAY, 0, PORT_ONLY, MARK_ALWAYS,
	 "linux/drivers/char/virtio_console.c virtcons_remove() drops what is in the queues, and a "
	 "reset device reads nothing: from there on"},
	{"driver-unbound", interrupt_driver_unbound, ON_THE_WAY, 0, PORT_ONLY, MARK_ALWAYS,
	 "as driver; open nodes are left without a port: virtio_console.c unplug_port()"},
	{"change-from", interrupt_change_from, ON_THE_WAY, ON_THE_WAY, ALL, MARK_NEW,
	 "chardev/char.c qmp_chardev_change(): the old backend goes, and what is in its socket; "
	 "what goes into the new one is read from it"},
	{"change-to", interrupt_change_to, ON_THE_WAY, ON_THE_WAY, ALL, MARK_BRIM,
	 DISCARDED "; from there on as host-to"},
	{"cpu", interrupt_cpu, NOTHING, NOTHING, ALL, MARK_NONE, "no device takes part"},
	{"memory", interrupt_memory, NOTHING, NOTHING, ALL, MARK_NONE, "no device takes part"},
	{"memory-driver", interrupt_memory_driver, ON_THE_WAY, 0, PORT_ONLY, MARK_ALWAYS,
	 "as driver-unbound"},
};

const struct interruption *interruption_find(const char *name)
{
	for (size_t i = 0; i < sizeof(interruptions) / sizeof(*interruptions); i++)
		if (strcmp(interruptions[i].name, name) == 0)
			return &interruptions[i];
	return NULL;
}

static enum toll toll_of(const struct circuit *r, const struct interruption *i)
{
	if (i->tcp_keeps && trial_is(r->t, "backend", "tcp"))
		return TOLL_NOTHING;
	return circuit_is_uart(&r->t->spec->variant) ? i->uart : i->port;
}

/**
 * struct pace - How often, and what lies between
 * @rounds:	interruptions
 * @apart:	windows of bytes that come back between two of them; 0: they follow at once
 * @marks:	each so many of them has its mark; to fill everything between the ends takes time
 */
static const struct pace {
	const char *name;
	unsigned int rounds, apart, marks;
} paces[] = {
	{"burst", 8, 0, 8},
	{"short", 3, 1, 1},
	{"burst-long", 60, 0, 60},
	{"long", 40, 16, 8},
};

static const struct pace *pace_of(struct trial *t)
{
	size_t i = 0;

	while (!trial_is(t, "pace", paces[i].name))
		i++;
	return &paces[i];
}

static void interrupt(struct circuit *r, const struct interruption *i, unsigned int round)
{
	char *what = xasprintf("%s, round %u", i->name, round);

	r->what = what;
	i->now(r);
	r->what = i->name;
	free(what);
}

/* The mark that the table speaks of was made. */
static void check_marked(struct circuit *r, const struct interruption *i)
{
	bool port = circuit_is_port(&r->t->spec->variant);
	bool want = i->mark == MARK_NEW || (i->mark == MARK_ALWAYS && port) ||
		    (i->mark == MARK_BRIM && circuit_can_brim(r));

	CHECK(r->t, i->mark == MARK_PARTLY || r->unmarked || r->marked == want,
	      "%s: the stream has%s mark from which on everything has to come", i->name,
	      r->marked ? " a" : " no");
}

/* Those that are drawn are drawn so often that each is. */
static unsigned int rounds_of(const struct interruption *i, const struct pace *pace)
{
	return i->mark == MARK_PARTLY && pace->rounds < DEALT ? DEALT : pace->rounds;
}

static void survive(struct circuit *r, const struct interruption *i, const struct pace *pace)
{
	unsigned int rounds = rounds_of(i, pace);

	circuit_get_going(r, 1);
	for (unsigned int round = 1; round <= rounds; round++) {
		r->unmarked = round % pace->marks != 0;
		interrupt(r, i, round);
		if (!pace->apart && round < rounds) {
			circuit_touch(r);
			continue;
		}
		check_marked(r, i);
		circuit_await_accepted(r);
		circuit_settle(r, toll_of(r, i) != TOLL_NOTHING);
		circuit_get_going(r, pace->apart);
	}
	circuit_settle(r, false);
}

static bool interrupted_possible(const struct variant *v)
{
	const struct interruption *i = interruption_find(variant_get(v, "interruption"));

	if (!i || circuit_is_port(v))
		return i;
	if (!circuit_is_uart(v))
		return i->console;
	return variant_is(v, "device", "isa-serial") ? i->serial : i->plugged;
}

static void interrupted_plan(const struct variant *v, struct plan *plan)
{
	circuit_plan(v, plan);
	interrupt_machine(v, plan);
}

CASE(stream_interrupted, .id = "stream.interrupted",
     .title = "a stream through the guest and back goes on after an interruption; what it may cost "
	      "is stated, nothing is repeated, moved or changed, and what comes after is whole",
     .clause = "virtio-1.2/console/device-operation/1; and of each interruption the source that "
	       "cases/streams/interrupt.c names",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "backend", "interruption", "pace", NULL},
     .possible = interrupted_possible, .plan = interrupted_plan)
{
	const struct interruption *i = interruption_find(trial_axis(t, "interruption"));
	struct circuit r;

	circuit_start(&r, t);
	survive(&r, i, pace_of(t));
	circuit_finish(&r, toll_of(&r, i) != TOLL_NOTHING);
	circuit_release(&r);
}
