// SPDX-License-Identifier: GPL-2.0-or-later
/* usb.c - usb-serial: comes and goes with its host end, and carries bytes */
#include <stdlib.h>
#include <string.h>

#include "cases/uart/uart.h"

#define QMP_MS	  5000
#define OPEN_MS	  5000
#define FINISH_MS 8000
#define TTY	  "ttyUSB0"
#define NODE	  "/dev/" TTY
#define CYCLES	  2
#define LINE	  64
#define LOST	  1000
#define ARRIVE_MS 4000
#define ANSWER_MS 3000
#define STALL_MS  20000
#define MUCH	  1000000 /* more than a host that does not read holds */

/* Around what a full-speed packet carries (62, behind two bytes of status), the device's ring of
 * 496 (hw/usb/dev-serial.c RECV_BUF), a page, a pty's and a FIFO's buffer. */
static const uint64_t edges[] = {1, 61, 63, 64, 495, 497, 4096, 4097, 65537};
/* What fills packets to the last byte: one, the whole ring. */
static const uint64_t full[] = {62, 496};

static void add_usb(const struct variant *v, const char *options, struct plan *plan)
{
	const char *controller = variant_get(v, "usb"), *backend = variant_get(v, "backend");
	struct buf text = BUF_INIT;

	plan->flavour = "generic";
	/* Only xhci can be plugged into a running guest; hw/usb/hcd-uhci.c says so of itself. */
	plan->cold = controller && strcmp(controller, "piix3-usb-uhci") == 0;
	uart_add_chr(plan, "c0", backend ? backend : "unix");
	buf_addf(&text, "%s,id=usb0", controller ? controller : "qemu-xhci");
	strv_push(&plan->devices, text.data);
	buf_clear(&text);
	buf_addf(&text, "usb-serial,id=uart0,bus=usb0.0,chardev=c0%s", options);
	strv_push(&plan->devices, text.data);
	buf_release(&text);
}

static void usb_plan(const struct variant *v, struct plan *plan)
{
	add_usb(v, "", plan);
}

/* What QEMU has plugged in, whatever the guest has seen of it yet. */
static void check_attached(struct trial *t, bool want)
{
	char *is;

	trial_qmp(t, trial_rig(t), "qom-get",
		  "{\"path\": \"/machine/peripheral/uart0\", \"property\": \"attached\"}");
	is = qmp_get(&t->rig.vm.qmp, "");
	CHECK(t, is && strcmp(is, want ? "true" : "false") == 0,
	      "QEMU's usb-serial is %splugged in, though the host end is %s", want ? "not " : "",
	      chr_is_open(rig_chr(&t->rig, "c0")) ? "open" : "closed");
	free(is);
}

/* Linux sees an FTDI adapter: hw/usb/dev-serial.c desc_serial, drivers/usb/serial/ftdi_sio.c. */
static void check_driver(struct trial *t)
{
	char *is =
		uart_guest(t, "d=/sys/class/tty/" TTY "/device && basename $(readlink $d/driver) "
			      "&& cd -P $d && cd ../.. && cat idVendor idProduct product speed");

	CHECK(t, strcmp(is, "ftdi_sio\n0403\n6001\nQEMU USB SERIAL\n12") == 0,
	      NODE "'s driver, vendor, product, name and speed are\n%s", is);
	free(is);
}

/* A pty's backend sees our end within a second. */
static void open_host(struct trial *t)
{
	struct chr *chr = rig_chr(&t->rig, "c0");
	struct buf why = BUF_INIT;

	CHECK(t, chr_open(chr, deadline_in(OPEN_MS), &why), "the host end of c0: %s", why.data);
	uart_await_node(t, NODE);
}

static void usb_repro(const struct variant *v, struct buf *b)
{
	(void)v;
	buf_addstr(b,
		   "connect c0 & sleep 2 # plugged in from now on\n"
		   "guest 'dmesg | tail -n 5; stty -F " NODE " raw -echo; echo hello >" NODE "'\n");
}

CASE(usb_attach, .id = "usb-serial.attach",
     .title = "a usb-serial is plugged into the guest while its host end is open, as an FTDI "
	      "adapter that works, and only then",
     .clause = "qemu/docs/system/devices/usb.rst usb-serial; hw/usb/dev-serial.c "
	       "usb_serial_event()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = usb_plan, .repro = usb_repro)
{
	struct chr *chr = rig_chr(trial_rig(t), "c0");

	check_attached(t, false);
	for (unsigned i = 0; i < CYCLES; i++) {
		struct traffic x;

		free(uart_guest(t, "! ls " NODE));
		open_host(t);
		check_attached(t, true);
		check_driver(t);
		traffic_init(&x, t, chr, NODE AT_115200, TRAFFIC_BOTH, LINE, i);
		traffic_sync(&x);
		traffic_judge(&x);
		traffic_release(&x);
		chr_close(chr);
		uart_await_gone(t, NODE);
		check_attached(t, false);
	}
}

static void always_plan(const struct variant *v, struct plan *plan)
{
	add_usb(v, ",always-plugged=on", plan);
}

static const char *always_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	return caps_has_property(caps, "usb-serial", "always-plugged")
		       ? NULL
		       : "this QEMU's usb-serial has no property always-plugged";
}

CASE(usb_always, .id = "usb-serial.always-plugged",
     .title = "with always-plugged=on a usb-serial is in the guest whether a host is there or not; "
	      "what the guest sends without one is dropped, what comes later is not",
     .clause = "qemu/docs/system/devices/usb.rst usb-serial always-plugged", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL}, .lacks = always_lacks,
     .plan = always_plan)
{
	struct chr *chr = rig_chr(trial_rig(t), "c0");

	check_attached(t, true);
	uart_await_node(t, NODE);
	check_driver(t);
	helper_finish(helper_start(t, "send " NODE AT_115200 " --seed 77 --bytes %d", LOST),
		      FINISH_MS);
	traffic_open_host(&(struct traffic){.t = t, .chr = chr});
	if (chr->kind == CHR_PTY)
		uart_prove_open(t, chr, NODE AT_115200);
	check_attached(t, true);
	uart_move(t, chr, NODE AT_115200, TRAFFIC_BOTH, LOST, true);
}

CASE(usb_transfer, .id = "usb-serial.transfer",
     .title = "bytes pass a usb-serial whole, in order and once",
     .clause = "qemu/docs/system/devices/usb.rst usb-serial", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"usb", "backend", "size", "dir", NULL},
     .plan = usb_plan)
{
	struct chr *chr = rig_chr(trial_rig(t), "c0");
	enum traffic_dir dir = traffic_dir(t);
	size_t n = sizeof(edges) / sizeof(*edges);

	open_host(t);
	check_driver(t);
	if (trial_is(t, "size", "small"))
		uart_move(t, chr, NODE AT_115200, dir, LINE, true);
	else
		for (size_t i = 0; i < n; i++)
			uart_move(t, chr, NODE AT_115200, dir, edges[i], i + 1 == n);
}

/*
 * A transfer ends with a short packet or when the host's buffer is full. So behind a full packet an
 * FT232 sends one with its two bytes of status when its latency timer is over, 16 ms later; without
 * that the bytes stay in the host controller until more of them come.
 */
CASE(usb_full, .id = "usb-serial.full-packets",
     .title = "bytes for the guest that fill a usb-serial's packets exactly arrive, though none "
	      "follow",
     .clause = "FTDI FT232BM data sheet, latency timer; USB 2.0 section 5.8.3", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"usb", NULL}, .plan = usb_plan)
{
	trial_rig(t);
	open_host(t);
	for (size_t i = 0; i < sizeof(full) / sizeof(*full); i++) {
		struct traffic x;

		traffic_init(&x, t, rig_chr(&t->rig, "c0"), NODE AT_115200, TRAFFIC_H2G, full[i],
			     0);
		traffic_sync(&x);
		CHECK(t, helper_await(x.helper, "received", NULL, ARRIVE_MS),
		      "of %llu bytes, which fill packets exactly, not all arrive by themselves",
		      (unsigned long long)full[i]);
		traffic_judge(&x);
		traffic_release(&x);
	}
}

/* Ask the monitor until the guest's writer waits. False: it does not answer. */
static bool answers_while_stalled(struct traffic *x)
{
	struct qmp *q = &x->t->rig.vm.qmp;
	struct deadline d = deadline_in(STALL_MS);

	while (qmp_cmd(q, deadline_in(ANSWER_MS), "query-status", NULL) == QMP_OK) {
		if (helper_await(x->helper, "blocked in write", NULL, 1))
			return true;
		CHECK(x->t, !deadline_passed(d),
		      "the writer does not wait for the host, who does "
		      "not read");
	}
	return false;
}

CASE(usb_stalled, .id = "usb-serial.stalled",
     .title = "a host that does not read holds up a usb-serial's writer, not QEMU, and then every "
	      "byte comes",
     .clause = "qemu/docs/devel/multi-thread-tcg.rst Big QEMU Lock; hw/usb/dev-serial.c",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = usb_plan)
{
	struct traffic x;
	bool answers;

	trial_rig(t);
	open_host(t);
	traffic_init(&x, t, rig_chr(&t->rig, "c0"), NODE AT_115200, TRAFFIC_G2H, MUCH, 0);
	traffic_start_helper(&x, false);
	answers = answers_while_stalled(&x);
	/* Whoever waits for us goes on. */
	traffic_move(&x);
	traffic_judge(&x);
	CHECK(t, answers, "QEMU's monitor does not answer for %d s while the host does not read",
	      ANSWER_MS / 1000);
}
