// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * soak.c - ports, consoles and UARTs on several backends, busy for a long time: nothing is lost,
 * stands still, or piles up
 *
 * As long as --time says (make soak: an hour). udp is left out: what it carries may be lost.
 */
#include <inttypes.h>
#include <poll.h>

#include "cases/load/lane.h"

#define SECONDS	  20
#define MEMORY_MB 384
#define TURN_MS	  100
#define END_MS	  20000
#define PORT	  "org.chardev-check.soak."
#define LINK	  "/dev/virtio-ports/" PORT
/* A pc's COM ports come first (cases/uart/pci.c). */
#define PCI_SERIAL "/dev/ttyS4"
#define LINES	   "8250.nr_uarts=8"
/* What QEMU may have more at the end than after the first part. What it keeps of a byte, or of a
 * kilobyte, is more than that within a minute; a page that the heap now uses otherwise is not. */
#define SLACK_KIB 1024
/* So much of the time, but no more than a minute, is warming up. */
#define WARM_PART  5
#define WARM_MAX_S 60
#define TELLS	   60 /* lines of progress, at the least TELL_MIN_S apart */
#define TELL_MIN_S 5

/* As in cases/streams/circuit_plan.c: what fills every buffer; what a console does not drop; what a
 * UART's FIFO and a terminal take. */
#define WINDOW_PORT    (512U << 10)
#define WINDOW_CONSOLE 2048
#define WINDOW_UART    512

/** struct way - A device on a backend */
static const struct way {
	const char *name, *id;
	enum chr_kind kind;
	enum chr_role role;
	const char *device, *node;
	uint64_t window;
} ways[] = {
	{"virtserialport,unix", "port0", CHR_UNIX, CHR_QEMU_LISTENS,
	 "virtserialport,bus=ser0.0,name=" PORT "0", LINK "0", WINDOW_PORT},
	{"virtserialport,tcp", "port1", CHR_TCP, CHR_QEMU_CONNECTS,
	 "virtserialport,bus=ser0.0,name=" PORT "1", LINK "1", WINDOW_PORT},
	{"virtserialport,pty", "port2", CHR_PTY, CHR_QEMU_LISTENS,
	 "virtserialport,bus=ser1.0,name=" PORT "2", LINK "2", WINDOW_PORT},
	{"virtserialport,pipe", "port3", CHR_PIPE, CHR_QEMU_LISTENS,
	 "virtserialport,bus=ser1.0,name=" PORT "3", LINK "3", WINDOW_PORT},
	{"virtconsole,unix", "con0", CHR_UNIX, CHR_QEMU_CONNECTS, "virtconsole,bus=ser0.0",
	 "/dev/hvc0", WINDOW_CONSOLE},
	{"virtconsole,tcp", "con1", CHR_TCP, CHR_QEMU_LISTENS, "virtconsole,bus=ser0.0",
	 "/dev/hvc1", WINDOW_CONSOLE},
	{"isa-serial,unix", "com1", CHR_UNIX, CHR_QEMU_LISTENS, NULL, "/dev/ttyS1", WINDOW_UART},
	{"isa-serial,tcp", "com2", CHR_TCP, CHR_QEMU_LISTENS, NULL, "/dev/ttyS2", WINDOW_UART},
	{"isa-serial,pty", "com3", CHR_PTY, CHR_QEMU_LISTENS, NULL, "/dev/ttyS3", WINDOW_UART},
	{"pci-serial,unix", "pci0", CHR_UNIX, CHR_QEMU_LISTENS, "pci-serial", PCI_SERIAL,
	 WINDOW_UART},
};

#define N_WAYS (sizeof(ways) / sizeof(*ways))

static void soak_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan->cold = true;
	plan->memory_mb = MEMORY_MB;
	plan->append = LINES;
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtio-serial-pci,id=ser1");
	for (size_t i = 0; i < N_WAYS; i++) {
		plan_add_chr(plan, ways[i].id, ways[i].kind, ways[i].role);
		if (ways[i].device)
			strv_pushf(&plan->devices, "%s,chardev=%s", ways[i].device, ways[i].id);
		else
			plan->uart[plan->n_uarts++] = ways[i].id;
	}
}

/**
 * struct soak - The whole
 * @began_ns:	when all lanes were there
 * @warm:	what QEMU had once it was warm; @is_warm: that is known
 * @now, @most_kib: what it had when last looked at; the most of its own
 * @told_ns:	the last line of progress
 */
struct soak {
	struct trial *t;
	struct lane lanes[N_WAYS];
	int64_t began_ns, told_ns;
	struct footprint warm, now;
	unsigned long most_kib;
	bool is_warm;
};

static double since(int64_t ns)
{
	return (double)(now_ns() - ns) / 1e9;
}

/* They have nothing to say before the end. */
static void listen_to_helpers(struct soak *s)
{
	struct buf why = BUF_INIT;

	for (size_t i = 0; i < N_WAYS; i++) {
		struct helper *h = s->lanes[i].helper;

		if (helper_poll(h) || helper_failed(h))
			helper_why(h, &why);
		CHECK(s->t, !why.len, "%s: %s", s->lanes[i].name, why.data);
	}
}

/* Until something can be taken or sent, or a helper speaks. */
static void wait_a_turn(struct soak *s)
{
	struct pollfd fds[2 * N_WAYS + 1];
	nfds_t n = 0;

	for (size_t i = 0; i < N_WAYS; i++) {
		const struct lane *l = &s->lanes[i];

		fds[n++] = (struct pollfd){.fd = chr_poll_in(l->chr), .events = POLLIN};
		if (lane_may_send(l))
			fds[n++] = (struct pollfd){.fd = chr_poll_out(l->chr), .events = POLLOUT};
	}
	fds[n++] = (struct pollfd){.fd = guest_fd(&s->t->rig.vm.guest), .events = POLLIN};
	if (poll(fds, n, TURN_MS) > 0 && fds[n - 1].revents)
		listen_to_helpers(s);
}

static bool turn(struct soak *s)
{
	bool idle = true, moved = false;

	for (size_t i = 0; i < N_WAYS; i++) {
		moved |= lane_turn(&s->lanes[i]);
		idle &= lane_is_idle(&s->lanes[i]);
	}
	if (!moved && !idle)
		wait_a_turn(s);
	return !idle;
}

static void look(struct soak *s)
{
	const struct vm *vm = &s->t->rig.vm;

	footprint_read(&s->now, vm->pid, MEMORY_MB);
	if (s->now.own_kib > s->most_kib)
		s->most_kib = s->now.own_kib;
}

static const struct lane *worst_of(const struct soak *s)
{
	const struct lane *worst = &s->lanes[0];

	for (size_t i = 1; i < N_WAYS; i++)
		if (s->lanes[i].worst_ns > worst->worst_ns)
			worst = &s->lanes[i];
	return worst;
}

static void tell(struct soak *s)
{
	const struct lane *worst = worst_of(s);
	uint64_t bytes = 0, trips = 0;

	for (size_t i = 0; i < N_WAYS; i++) {
		bytes += s->lanes[i].got;
		trips += s->lanes[i].n_trips;
	}
	look(s);
	trial_tell(s->t,
		   "%.0f of %d s: %.1f MB there and back, %" PRIu64
		   " round trips, the worst %.1f ms (%s); QEMU: %lu KiB of its own, %u descriptors",
		   since(s->began_ns), trial_seconds(s->t, SECONDS), (double)bytes / 1e6, trips,
		   (double)worst->worst_ns / 1e6, worst->name, s->now.own_kib, s->now.descriptors);
	s->told_ns = now_ns();
}

static void warm_up(struct soak *s)
{
	int part = trial_seconds(s->t, SECONDS) / WARM_PART;

	if (s->is_warm || since(s->began_ns) < (part < WARM_MAX_S ? part : WARM_MAX_S))
		return;
	look(s);
	s->warm = s->now;
	s->most_kib = s->now.own_kib;
	s->is_warm = true;
	trial_tell(s->t, "warm: QEMU has %lu KiB of its own, %lu KiB in all, %u descriptors",
		   s->warm.own_kib, s->warm.pss_kib, s->warm.descriptors);
}

static void summary(struct soak *s, double seconds)
{
	trial_tell(s->t, "%-24s %10s %8s %8s %9s %9s", "there and back", "MB", "MB/s", "trips",
		   "mean ms", "worst ms");
	for (size_t i = 0; i < N_WAYS; i++) {
		const struct lane *l = &s->lanes[i];

		trial_tell(s->t, "%-24s %10.1f %8.3f %8" PRIu64 " %9.2f %9.1f", l->name,
			   (double)l->got / 1e6, (double)l->got / 1e6 / seconds, l->n_trips,
			   l->n_trips ? (double)l->sum_ns / 1e6 / (double)l->n_trips : 0.0,
			   (double)l->worst_ns / 1e6);
	}
	if (!s->is_warm)
		return;
	trial_tell(s->t,
		   "QEMU's drift since it was warm: %+ld KiB of its own (at the most %+ld, %d "
		   "allowed), %+ld KiB in all, %+d descriptors",
		   (long)(s->now.own_kib - s->warm.own_kib), (long)(s->most_kib - s->warm.own_kib),
		   SLACK_KIB, (long)(s->now.pss_kib - s->warm.pss_kib),
		   (int)(s->now.descriptors - s->warm.descriptors));
}

static void judge_drift(struct soak *s)
{
	CHECK(s->t, s->now.descriptors == s->warm.descriptors,
	      "QEMU had %u descriptors when it was warm, and has %u in the end",
	      s->warm.descriptors, s->now.descriptors);
	CHECK(s->t, s->now.own_kib <= s->warm.own_kib + SLACK_KIB,
	      "QEMU had %lu KiB of its own when it was warm, and has %lu in the end",
	      s->warm.own_kib, s->now.own_kib);
}

static void start(struct soak *s, struct trial *t)
{
	struct rig *rig = trial_rig(t);

	s->t = t;
	helper_finish(helper_start(t, "wait-path " LINK "3 --timeout-ms %d", END_MS), 2 * END_MS);
	for (size_t i = 0; i < N_WAYS; i++)
		lane_start(&s->lanes[i], t, ways[i].name, rig_chr(rig, ways[i].id), ways[i].node,
			   ways[i].window, (unsigned int)i);
	rig_lap(rig, "lanes");
	s->began_ns = s->told_ns = now_ns();
}

static void go_on(struct soak *s)
{
	int every = trial_seconds(s->t, SECONDS) / TELLS;

	while (trial_goes_on(s->t, s->began_ns, SECONDS)) {
		turn(s);
		warm_up(s);
		if (since(s->told_ns) >= (every > TELL_MIN_S ? every : TELL_MIN_S))
			tell(s);
	}
	for (size_t i = 0; i < N_WAYS; i++)
		s->lanes[i].ends = true;
	while (turn(s))
		;
}

static void end(struct soak *s)
{
	struct buf why = BUF_INIT;

	for (size_t i = 0; i < N_WAYS; i++) {
		CHECK(s->t, s->lanes[i].n_trips, "%s: no round trip was made", s->lanes[i].name);
		lane_finish(&s->lanes[i]);
	}
	rig_lap(&s->t->rig, "soak");
	if (s->is_warm)
		judge_drift(s);
	else
		trial_tell(s->t, "it ended before QEMU was warm: its drift was not judged");
	if (s->t->session->keep_guest)
		return;
	CHECK(s->t, vm_quit(&s->t->rig.vm, &why), "%s", why.data);
	for (size_t i = 0; i < N_WAYS; i++)
		lane_nothing_more(&s->lanes[i]);
}

CASE(load_soak, .id = "load.soak",
     .title = "streams through all devices go on for a long time: every byte arrives once and in "
	      "order, none stands still, and QEMU has no more memory and descriptors in the end",
     .clause = "virtio-1.2/console/device-operation/1; qemu/hw/char/serial.c", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .plan = soak_plan, .lasts = true)
{
	struct soak s = {.is_warm = false};
	double seconds;

	start(&s, t);
	go_on(&s);
	seconds = since(s.began_ns);
	tell(&s);
	summary(&s, seconds);
	end(&s);
}
