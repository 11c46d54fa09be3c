// SPDX-License-Identifier: GPL-2.0-or-later
/* pci.c - pci-serial with one, two and four ports: cold and hot, unplugged, short of lines */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/uart/uart.h"

#define PORTS 4
#define LINE  64
/* Behind a page, and QEMU's CHR_READ_BUF_LEN. */
#define BLOCK 4097
#define ADDR  "0x5"
#define PCI   "/sys/bus/pci/devices/0000:00:05.0"
#define LINES "8250.nr_uarts=8"
/* ttyS0 to ttyS3 are a PC's COM ports, there or not: others come behind them where there is room
 * (linux/drivers/tty/serial/8250/8250_core.c serial8250_find_match_or_unused()). */
#define FIRST	   4
#define PORT_16550 4 /* include/uapi/linux/serial.h: PORT_16550A */
#define REGISTERS  8

static const char *const ids[PORTS] = {"c0", "c1", "c2", "c3"};
static const char *const nodes[PORTS] = {"/dev/ttyS4" AT_115200, "/dev/ttyS5" AT_115200,
					 "/dev/ttyS6" AT_115200, "/dev/ttyS7" AT_115200};

/* hw/char/serial-pci.c, hw/char/serial-pci-multi.c multi_serial_get_port_count(). */
static int ports_of(const char *device)
{
	if (strcmp(device, "pci-serial-4x") == 0)
		return 4;
	return strcmp(device, "pci-serial-2x") == 0 ? 2 : 1;
}

static void device_text(struct buf *b, const char *device)
{
	int n = ports_of(device);

	buf_addf(b, "%s,id=uart0,addr=" ADDR, device);
	for (int i = 0; i < n; i++) {
		buf_addstr(b, ",chardev");
		if (n > 1)
			buf_addf(b, "%d", i + 1);
		buf_addf(b, "=%s", ids[i]);
	}
}

static void add_device(const char *device, const char *backend, struct plan *plan)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i < ports_of(device); i++)
		uart_add_chr(plan, ids[i], backend);
	device_text(&text, device);
	strv_push(&plan->devices, text.data);
	buf_release(&text);
}

static void pci_plan(const struct variant *v, struct plan *plan)
{
	const char *backend = variant_get(v, "backend");

	plan->cold = variant_is(v, "plug", "cold");
	plan->append = LINES;
	add_device(variant_get(v, "device"), backend ? backend : "unix", plan);
}

/* What sysfs has to say of the lines of a device that has @n of them, the first one ttyS@first. */
static void want_lines(struct buf *b, unsigned long bar, const char *irq, int first, int n)
{
	for (int i = 0; i < n; i++)
		buf_addf(b, "%sttyS%d 0x%lX %s %d", i ? "\n" : "", first + i,
			 bar + (unsigned long)(REGISTERS * i), irq, PORT_16550);
}

/* One driver has the device, and a line for each port, eight registers apart on one interrupt. */
static void check_lines(struct trial *t, int first, int n)
{
	char *last = xasprintf(PCI "/tty/ttyS%d/dev", first + n - 1);
	struct buf want = BUF_INIT;
	char *driver, *bar, *irq, *have;

	uart_await_node(t, last);
	driver = uart_guest(t, "readlink " PCI "/driver");
	bar = uart_guest(t, "sed -n '1s/ .*//p' " PCI "/resource");
	irq = uart_guest(t, "cat " PCI "/irq");
	have = uart_guest(t, "cd " PCI "/tty && for t in *; do echo $t $(cat $t/port) $(cat "
			     "$t/irq) $(cat $t/type); done");
	CHECK(t, strcmp(driver, "../../../bus/pci/drivers/serial") == 0,
	      "the device is driven by %s", driver);
	want_lines(&want, strtoul(bar, NULL, 16), irq, first, n);
	CHECK(t, strcmp(have, want.data) == 0,
	      "the device's lines (name, address, interrupt, type): want\n%s\ngot\n%s", want.data,
	      have);
	buf_release(&want);
	free(have);
	free(irq);
	free(bar);
	free(driver);
	free(last);
}

/* A payload of its own each way on every port at the same time. */
static void carry(struct trial *t, int n, uint64_t size)
{
	struct traffic x[PORTS];

	if (t->rig.chrs[0].kind == CHR_PTY)
		uart_prove_all_open(t, t->rig.chrs, nodes, (size_t)n);
	for (int i = 0; i < n; i++)
		traffic_init(&x[i], t, &t->rig.chrs[i], nodes[i], TRAFFIC_BOTH, size, (unsigned)i);
	uart_all_at_once(x, (size_t)n);
}

static void ports_repro(const struct variant *v, struct buf *b)
{
	buf_addstr(b, "guest 'dmesg | grep ttyS; cat /proc/tty/driver/serial'\n");
	for (int i = 0; i < ports_of(variant_get(v, "device")); i++)
		buf_addf(
			b,
			"guest 'stty -F /dev/ttyS%d 115200 raw -echo; cat /dev/ttyS%d' >c%d.got &\n"
			"payload %d %d | connect c%d >/dev/null & sleep 3; cksum c%d.got\n",
			FIRST + i, FIRST + i, i, 11 + 2 * i, BLOCK, i, i);
}

CASE(pci_ports, .id = "pci-serial.ports",
     .title =
	     "every port of a pci-serial is a line of the serial driver with the addresses and the "
	     "interrupt of the device, and carries bytes both ways while all others do",
     .clause = "qemu/docs/specs/pci-serial.rst; qemu/hw/char/serial-pci-multi.c",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "backend", "plug", NULL}, .plan = pci_plan,
     .repro = ports_repro)
{
	int n = ports_of(trial_axis(t, "device"));

	trial_rig(t);
	check_lines(t, FIRST, n);
	carry(t, n, BLOCK);
}

CASE(pci_replug, .id = "pci-serial.replug",
     .title = "a pci-serial is unplugged from the guest, and plugged again under the same names "
	      "works at once, for hosts that stayed connected",
     .clause = "qemu/hw/char/serial-pci-multi.c multi_serial_pci_exit(); qapi/qdev.json device_del",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", NULL},
     .plan = pci_plan)
{
	int n = ports_of(trial_axis(t, "device"));
	struct buf device = BUF_INIT;

	trial_rig(t);
	check_lines(t, FIRST, n);
	uart_prove_all_open(t, t->rig.chrs, nodes, (size_t)n);
	trial_unplug(t, trial_rig(t), "uart0");
	uart_await_gone(t, PCI);
	free(uart_guest(t, "! grep '^[4-7]: uart:16550A' /proc/tty/driver/serial"));
	device_text(&device, trial_axis(t, "device"));
	trial_plug(t, trial_rig(t), device.data);
	check_lines(t, FIRST, n);
	carry(t, n, LINE);
	buf_release(&device);
}

static void lines_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan->append = "8250.nr_uarts=4";
	add_device("pci-serial-4x", "unix", plan);
}

/* One of the four lines is the console's. */
CASE(pci_lines, .id = "pci-serial.lines",
     .title =
	     "where the guest's serial driver has fewer lines left than a pci-serial-4x has ports, "
	     "the first ports get them and work, the kernel names the one that is left over",
     .clause = "linux/Documentation/admin-guide/kernel-parameters.txt 8250.nr_uarts=",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = lines_plan)
{
	static const char *const left[] = {"/dev/ttyS1" AT_115200, "/dev/ttyS2" AT_115200,
					   "/dev/ttyS3" AT_115200};
	struct traffic x[PORTS - 1];
	char *said;

	trial_rig(t);
	check_lines(t, 1, PORTS - 1);
	said = uart_guest(t, "dmesg | grep -c \"0000:00:05.0: Couldn't register serial port\"");
	CHECK(t, strcmp(said, "1") == 0, "the kernel failed to register %s ports, want 1", said);
	for (unsigned i = 0; i < PORTS - 1; i++)
		traffic_init(&x[i], t, &t->rig.chrs[i], left[i], TRAFFIC_BOTH, LINE, i);
	uart_all_at_once(x, PORTS - 1);
	free(said);
}
