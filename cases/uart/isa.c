// SPDX-License-Identifier: GPL-2.0-or-later
/* isa.c - isa-serial: four ports where a PC has them, and bytes through them */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/uart/uart.h"

#define PORTS	   4
#define FINISH_MS  8000
#define LINE	   64
#define NODE	   "/dev/ttyS1"
#define PORT_16550 "4" /* include/uapi/linux/serial.h: PORT_16550A */

/* Where a PC has COM1 to COM4; hw/char/serial-isa.c, isa_serial_io and isa_serial_irq. */
static const struct {
	const char *node, *port, *irq;
} pc[PORTS] = {
	{"ttyS0", "0x3F8", "4"},
	{"ttyS1", "0x2F8", "3"},
	{"ttyS2", "0x3E8", "4"},
	{"ttyS3", "0x2E8", "3"},
};

/* Around the UART's FIFO (16), Linux's page and QEMU's CHR_READ_BUF_LEN (4096), a pty's and a
 * FIFO's buffer (65536). */
static const uint64_t edges[] = {1, 15, 16, 17, 4096, 4097, 65537};

static void isa_plan(const struct variant *v, struct plan *plan)
{
	uart_add_chr(plan, "c1", variant_get(v, "backend"));
	plan->uart[0] = "c1";
	plan->n_uarts = PORTS - 1;
}

static void four_plan(const struct variant *v, struct plan *plan)
{
	static const char *const ids[] = {"c1", "c2", "c3"};

	for (int i = 0; i < PORTS - 1; i++) {
		uart_add_chr(plan, ids[i], variant_get(v, "backend"));
		plan->uart[i] = ids[i];
	}
	plan->n_uarts = PORTS - 1;
}

/* "1: uart:16550A port:000002F8 irq:3 tx:0 rx:0" */
static void check_proc(struct trial *t, int number)
{
	char *line = uart_guest(t, "grep '^%d:' /proc/tty/driver/serial", number);
	char *want = xasprintf("%d: uart:16550A port:%08lX irq:%s ", number,
			       strtoul(pc[number].port, NULL, 16), pc[number].irq);

	CHECK(t, strncmp(line, want, strlen(want)) == 0,
	      "/proc/tty/driver/serial: want \"%s\", got \"%s\"", want, line);
	free(want);
	free(line);
}

static void check_attr(struct trial *t, int number, const char *attr, const char *want)
{
	const char *node = pc[number].node;
	char *is = uart_guest(t, "cat /sys/class/tty/%s/%s", node, attr);

	CHECK(t, strcmp(is, want) == 0, "%s of %s: want %s, got %s", attr, node, want, is);
	free(is);
}

static void check_port(struct trial *t, int number)
{
	const char *node = pc[number].node;
	char *driver;

	check_proc(t, number);
	check_attr(t, number, "port", pc[number].port);
	check_attr(t, number, "irq", pc[number].irq);
	check_attr(t, number, "type", PORT_16550);
	/* Found by its ACPI description, PNP0501; one that only the probe found is serial8250's. */
	driver = uart_guest(t, "readlink /sys/class/tty/%s/device/driver", node);
	CHECK(t, strcmp(driver, "../../../bus/pnp/drivers/serial") == 0, "%s is driven by %s", node,
	      driver);
	free(driver);
}

/* The console's backend is a file, which only takes. A socket instead, in the running QEMU. */
static void console_becomes_socket(struct trial *t, struct chr *console)
{
	struct buf args = BUF_INIT;

	free(uart_guest(t, "dmesg -n 1")); /* no word of the kernel among the bytes */
	chr_init(console, "console", CHR_UNIX, CHR_QEMU_LISTENS);
	chr_qmp(console, &args);
	trial_qmp(t, trial_rig(t), "chardev-change", args.data);
	buf_release(&args);
}

CASE(isa_four, .id = "isa-serial.four",
     .title = "four isa-serial are ttyS0 to ttyS3 at a PC's addresses, each on its own backend",
     .clause = "qemu/hw/char/serial-isa.c; linux/Documentation/admin-guide/devices.txt",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "backend", NULL}, .plan = four_plan)
{
	static const char *const nodes[PORTS] = {"/dev/ttyS0" AT_115200, "/dev/ttyS1" AT_115200,
						 "/dev/ttyS2" AT_115200, "/dev/ttyS3" AT_115200};
	static struct chr console;
	struct rig *rig = trial_rig(t);
	struct traffic x[PORTS];

	for (int i = 0; i < PORTS; i++)
		check_port(t, i);
	console_becomes_socket(t, &console);
	for (unsigned i = 0; i < PORTS; i++) {
		struct chr *c = i ? &rig->chrs[i - 1] : &console;

		traffic_init(&x[i], t, c, nodes[i], TRAFFIC_BOTH, LINE, i);
	}
	uart_all_at_once(x, PORTS);
	chr_release(&console);
}

/* With flow control the guest's driver sends only while it sees CTS, which QEMU always shows; else
 * nothing would come from the guest. (RTS, the other way, QEMU tells only a terminal of the host.)
 * A line goes through first, after which the setting must still stand. */
static void set_flow(struct trial *t, struct chr *chr, bool on)
{
	const char *word = on ? " crtscts" : " -crtscts";
	char *all;

	free(uart_guest(t, "stty -F %s%s", NODE, word));
	uart_prove_open(t, chr, NODE AT_115200);
	all = uart_guest(t, "stty -a -F %s | tr '\n' ' '", NODE);
	CHECK(t, strstr(all, word), "%s does not keep%s: %s", NODE, word, all);
	free(all);
}

CASE(isa_transfer, .id = "isa-serial.transfer",
     .title = "bytes pass a port at 115200 whole, in order and once, whether "
	      "the guest waits for CTS or not",
     .clause = "qemu/qemu-options.hx -serial", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "backend", "flow", "size", "dir", NULL},
     .plan = isa_plan)
{
	const char *node = NODE AT_115200;
	struct chr *chr = rig_chr(trial_rig(t), "c1");
	enum traffic_dir dir = traffic_dir(t);
	size_t n = sizeof(edges) / sizeof(*edges);

	set_flow(t, chr, trial_is(t, "flow", "on"));
	if (trial_is(t, "size", "small"))
		uart_move(t, chr, node, dir, LINE, true);
	else
		for (size_t i = 0; i < n; i++)
			uart_move(t, chr, node, dir, edges[i], i + 1 == n);
	rig_lap(&t->rig, "transfer");
}

/* A UART has no way to tell the guest that nobody listens: the guest's write ends, the bytes are
 * gone (hw/char/serial.c serial_xmit(), char-socket.c tcp_chr_write(): disconnected takes all). */
CASE(isa_no_host, .id = "isa-serial.no-host",
     .title = "what the guest sends while no host is connected is dropped, what comes later is not",
     .clause = "qemu/chardev/char-socket.c tcp_chr_write(); char-pty.c char_pty_chr_write()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "backend", NULL}, .plan = isa_plan)
{
	struct chr *chr = rig_chr(trial_rig(t), "c1");
	struct helper *lost = helper_start(t, "send %s --seed 77 --bytes 1000", NODE AT_115200);

	helper_finish(lost, FINISH_MS);
	traffic_open_host(&(struct traffic){.t = t, .chr = chr});
	if (chr->kind == CHR_PTY)
		uart_prove_open(t, chr, NODE AT_115200);
	uart_move(t, chr, NODE AT_115200, TRAFFIC_G2H, 1000, true);
}

CASE(isa_refused, .id = "isa-serial.refused",
     .title = "an isa-serial too many, or one with a wrong backend, ends QEMU with a message",
     .clause = "qemu/hw/char/serial-isa.c serial_isa_realizefn()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU)
{
#define FIFTH                                                                                      \
	"-chardev null,id=n1 -device isa-serial,chardev=n1 "                                       \
	"-chardev null,id=n2 -device isa-serial,chardev=n2 "                                       \
	"-chardev null,id=n3 -device isa-serial,chardev=n3 "                                       \
	"-chardev null,id=n4 -device isa-serial,chardev=n4 "                                       \
	"-chardev null,id=n5 -device isa-serial,chardev=n5"
	trial_refused(t, FIFTH,
		      "-device isa-serial,chardev=n5: Max. supported number of ISA serial"
		      " ports is 4.");
	trial_refused(t, "-chardev null,id=n1 -device isa-serial,chardev=n1,index=4",
		      "-device isa-serial,chardev=n1,index=4: Max. supported number of ISA serial "
		      "ports is 4.");
	trial_refused(t, "-device isa-serial,chardev=n1",
		      "-device isa-serial,chardev=n1: Property 'serial.chardev' can't find value "
		      "'n1'");
}
