// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kept.c - what becomes of bytes that nobody had read when an end was closed
 *
 * Each device over each backend as harness/vm/facts.c says. Where an end comes back, bytes that are
 * known to come next say that nothing else came between.
 */
#include "cases/fops/fops.h"

#include <string.h>

static const char *device_of(const struct trial *t)
{
	const char *device = trial_axis(t, "device");

	return device ? device : "virtserialport";
}

static const struct facts *facts_of(const struct trial *t)
{
	const char *backend = trial_axis(t, "backend");

	return facts_find(device_of(t), backend ? backend : "unix");
}

static bool is_tty(const struct trial *t)
{
	return strcmp(device_of(t), "virtserialport") != 0;
}

/* The host sends @n bytes, and the guest has them. */
static void arrives(struct trial *t, int n, struct buf *s)
{
	buf_addf(s, "host send %d\n", n);
	if (is_tty(t))
		buf_addf(s, "queued a = %d\n", n);
	else
		buf_addstr(s, "until a = IN,RDNORM,OUT\n");
}

/* The host comes, and QEMU knows: bytes that arrive prove it, whenever it looks. Until then a port
 * that knows of nobody would give an end of file. */
static void comes(struct trial *t, int n, struct buf *s)
{
	buf_addstr(s, "host open\nhost send 5\n");
	if (!is_tty(t))
		buf_addstr(s, "until a = IN,RDNORM,OUT\n");
	buf_addf(s, "read-all a %d = %d\n", n + 5, n + 5);
}

static void leaves(struct trial *t, struct buf *s)
{
	buf_addstr(s, "host close\n");
	if (!is_tty(t) && facts_of(t)->tells)
		buf_addstr(s, "until a = IN,RDNORM,HUP\n");
}

static void fate_h2g(enum facts_fate fate, int n, struct buf *s)
{
	if (fate == BYTES_DROPPED)
		buf_addf(s, "skip a %d = ok\n", n);
	else
		buf_addf(s, "read-all a %d = %d\n", n, n);
}

/*
 * A host that has gone again before the guest opens. QEMU, which reads nothing for a closed port,
 * is told of a unix socket that was closed (tcp_chr_hup()), and then it is too late to read; a tcp
 * connection that ends, or a terminal that was closed, it would have to read from to see that.
 */
static void before_guest(struct trial *t, struct buf *s)
{
	bool dropped = facts_of(t)->left_h2g == BYTES_DROPPED;

	buf_addf(s, "host open\nhost send 60\nhost close\n%sopen a 0 rdwr = ok\n%s",
		 dropped ? "host gone\n" : "", dropped ? "skip a 60 = ok\n" : "");
	comes(t, dropped ? 0 : 60, s);
}

/*
 * What came while a terminal was not open waits in the backend, but for what the device has taken
 * of it. That is lost when it is opened: a usb-serial empties its ring when it is reset, as Linux
 * does then (qemu/hw/usb/dev-serial.c usb_serial_reset(); ftdi_sio.c ftdi_open()), and a UART,
 * which takes one byte while its FIFOs are off, has that one thrown away (8250_port.c
 * serial8250_do_startup()). Not asked of a pty, whose bytes the kernel brings later, nor of a
 * console: until it is open it is a cooked terminal.
 */
static void before_open(struct trial *t, struct buf *s)
{
	bool usb = trial_is(t, "device", "usb-serial");
	int n = usb ? 60 : 1;

	buf_addstr(s, "open a 0 rdwr = ok\n");
	if (trial_is(t, "device", "virtconsole") || trial_is(t, "backend", "pty")) {
		buf_addstr(s, "host open\n");
		return;
	}
	buf_addf(s,
		 "close a = ok\nhost open\nhost send %d\nhost settles\nopen a 0 rdwr = ok\n"
		 "skip a %d = ok\nhost send 5\nread-all a 5 = 5\n",
		 n, n);
}

CASE(kept_to_guest, .id = "kept.to-guest",
     .title = "what the guest has not read when it closes, or the host leaves, or what came before "
	      "it opened, is kept or dropped as documented, and what comes later is not harmed",
     .clause = "qemu/hw/char/virtio-console.c chr_can_read(); "
	       "linux/drivers/char/virtio_console.c discard_port_data()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "backend", NULL}, .lacks = fops_lacks,
     .plan = fops_plan)
{
	const struct facts *f = facts_of(t);
	struct buf s = BUF_INIT;

	if (!is_tty(t))
		before_guest(t, &s);
	else
		before_open(t, &s);
	/* The guest closes. */
	arrives(t, 100, &s);
	buf_addstr(&s, "close a = ok\nopen a 0 rdwr = ok\n");
	fate_h2g(f->closed_h2g, 100, &s);
	buf_addstr(&s, "host send 50\nread-all a 50 = 50\n");
	/* The host leaves. */
	arrives(t, 40, &s);
	leaves(t, &s);
	buf_addstr(&s, "read-all a 40 = 40\n");
	comes(t, 0, &s);
	/* It leaves and comes back. */
	arrives(t, 30, &s);
	leaves(t, &s);
	comes(t, 30, &s);
	/* Both. */
	arrives(t, 20, &s);
	leaves(t, &s);
	buf_addstr(&s, "close a = ok\nopen a 0 rdwr = ok\n");
	if (!is_tty(t) && f->tells)
		buf_addstr(&s, "poll a = IN,RDNORM,HUP\nread a 100 = 0\n");
	fate_h2g(f->closed_h2g, 20, &s);
	comes(t, 0, &s);
	fops_run(t, s.data);
	buf_release(&s);
}

/* Few enough for a unix socket to hold them byte by byte, as a UART sends them: it counts a page's
 * eighth for each. */
#define UNREAD 200

static void writes(struct trial *t, int n, struct buf *s)
{
	buf_addf(s, "write-all a %d = %d\n", n, n);
	if (is_tty(t))
		buf_addstr(s, "drained a = ok\n");
}

#define LATER 30

/* The host has left. A port that was told holds its writer, "A", up; where there is nobody to tell
 * the backend takes what comes, or drops it as it did before the first host came. */
static void writes_later(struct trial *t, struct buf *s)
{
	const struct facts *f = facts_of(t);

	if (!is_tty(t) && f->tells) {
		buf_addf(s, "A: write-all a %d\nA sleeps\n", LATER);
		return;
	}
	if (f->early_g2h == BYTES_DROPPED)
		buf_addstr(s, trial_is(t, "backend", "pty") ? "host settles\n" : "host gone\n");
	writes(t, LATER, s);
	buf_addstr(s, "host settles\n");
}

/* It is back. */
static void fate_g2h(struct trial *t, int unread, struct buf *s)
{
	const struct facts *f = facts_of(t);

	if (!is_tty(t) && f->tells)
		buf_addf(s, "A = %d\n", LATER);
	buf_addf(s, "host %s %d\n", f->left_g2h == BYTES_DROPPED ? "misses" : "hears", unread);
	buf_addf(s, "host %s %d\n", f->early_g2h == BYTES_DROPPED ? "misses" : "hears", LATER);
}

#define FULL "fill a = EAGAIN\nhost throttled\nfill a = EAGAIN\n"

CASE(kept_to_host, .id = "kept.to-host",
     .title = "what the host has not read when it leaves, or the guest closes, or what is sent "
	      "when it has left, is kept or dropped as documented, and what comes later is not "
	      "harmed",
     .clause = "qemu/hw/char/virtio-serial-bus.c virtio_serial_close()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", "backend", NULL},
     .lacks = fops_lacks, .plan = fops_plan)
{
	struct buf s = BUF_INIT;

	buf_addstr(&s, "open a 0 rdwr = ok\n");
	comes(t, 0, &s);
	/* The guest closes. */
	writes(t, UNREAD, &s);
	buf_addstr(&s, "close a = ok\nhost hears-all\nopen a 0 rdwr = ok\n");
	/* The host leaves. */
	writes(t, UNREAD, &s);
	buf_addstr(&s, "host hears 1\n");
	leaves(t, &s);
	writes_later(t, &s);
	comes(t, 0, &s);
	fate_g2h(t, UNREAD - 1, &s);
	writes(t, 20, &s);
	buf_addstr(&s, "host hears-all\n");
	fops_run(t, s.data);
	buf_release(&s);
}

/* What was in the backend may be kept, what was in the guest's queue is discarded; between the two
 * bytes that were left and the next ones nothing else may come. */
static void resumes(struct trial *t, struct buf *s)
{
	comes(t, 0, s);
	buf_addstr(s, "write-all a 20 = 20\nhost resumes 20\n");
}

#define GOES_ON "until a = OUT\nwrite-all a 20 = 20\nhost hears-all\n"

static void stalled(struct trial *t)
{
	bool host = !trial_is(t, "leaves", "guest"), guest = !trial_is(t, "leaves", "host");
	struct buf s = BUF_INIT;

	buf_addstr(&s, "open a 0 rdwr = ok\n");
	comes(t, 0, &s);
	buf_addstr(&s, FULL);
	if (guest)
		buf_addstr(&s, "close a = ok\nhost frontend closed\n");
	if (!host) {
		buf_addstr(&s, "host hears-all\nopen a 0 rdwr = ok\n" GOES_ON);
	} else if (!facts_of(t)->tells) {
		buf_addstr(&s, "host close\nhost open\nhost hears-all\n" GOES_ON);
	} else {
		/* A QEMU that connects may be back before the guest has looked. */
		if (guest)
			buf_addstr(&s, "host close\nopen a 0 rdwr = ok\n");
		else if (!trial_axis(t, "backend"))
			buf_addstr(&s, "host close\n");
		else
			leaves(t, &s);
		resumes(t, &s);
	}
	fops_run(t, s.data);
	buf_release(&s);
}

CASE(kept_stalled, .id = "kept.stalled",
     .title = "a port that was full when the guest closed it, the host left, or both, works again "
	      "for who comes next",
     .clause = "qemu/hw/char/virtio-serial-bus.c virtio_serial_close(), discard_vq_data()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"leaves", "backend", NULL}, .plan = fops_plan)
{
	stalled(t);
}

/* In milliseconds since 9.2, in seconds until 10.1. */
static const char *client_lacks(const struct variant *v, const struct caps *caps)
{
	bool ms = variant_is(v, "reconnect", "ms");

	if (ms && !caps_version_at_least(caps, 9, 2, 0))
		return "reconnect-ms is there from QEMU 9.2 on";
	if (!ms && caps_version_at_least(caps, 10, 2, 0))
		return "reconnect is there before QEMU 10.2 only";
	return NULL;
}

static void client_plan(const struct variant *v, struct plan *plan)
{
	bool ms = variant_is(v, "reconnect", "ms");

	fops_plan(v, plan);
	plan->chrs[0].role = CHR_QEMU_CONNECTS;
	plan->chrs[0].options = ms ? "reconnect-ms=20" : "reconnect=1";
	plan->chrs[0].members = ms ? "\"reconnect-ms\": 20" : "\"reconnect\": 1";
}

CASE(kept_stalled_client, .id = "kept.stalled-client",
     .title = "a port that was full when the guest closed it, or the host to which QEMU connects "
	      "left, works again once it is opened, or QEMU has connected again",
     .clause = "qemu/hw/char/virtio-serial-bus.c virtio_serial_close(); qemu/qemu-options.hx "
	       "-chardev socket reconnect",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"leaves", "reconnect", NULL}, .lacks = client_lacks,
     .plan = client_plan)
{
	stalled(t);
}
