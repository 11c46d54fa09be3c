// SPDX-License-Identifier: GPL-2.0-or-later
/* target_qtest_plan.c - QEMU without a guest, as a target: the command line of a topology */
#include <string.h>

#include "harness/virtio/target_qtest_private.h"

#define ROOT_ADDR "0x4" /* TARGET_SLOT */

static void plan_controller(const struct target_config *c, struct plan *plan)
{
	static const char *const own[TARGET_TRANSPORTS] = {
		[TARGET_PCI_MODERN] = ",disable-legacy=on",
		[TARGET_PCI_TRANSITIONAL] = ",disable-legacy=off,disable-modern=off",
		[TARGET_PCI_LEGACY] = ",disable-legacy=off,disable-modern=on",
	};
	struct buf text = BUF_INIT;

	if (c->express)
		buf_addf(&text, "virtio-serial-pci,id=ser0,bus=root0,addr=0x0%s",
			 own[c->transport]);
	else if (c->transport <= TARGET_PCI_LEGACY)
		buf_addf(&text, "virtio-serial-pci,id=ser0,addr=0x%x%s", TARGET_SLOT,
			 own[c->transport]);
	else
		buf_addstr(&text, "virtio-serial-device,id=ser0");
	if (c->properties && *c->properties)
		buf_addf(&text, ",%s", c->properties);
	strv_push(&plan->devices, text.data);
	buf_release(&text);
}

/* Beside the console's isa-serial, which is COM1. */
static void plan_uart(const struct target_config *c, struct plan *plan)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "%s,id=uart0", c->uart);
	if (strcmp(c->uart, "isa-serial") == 0)
		buf_addstr(&text, ",index=1");
	else if (strncmp(c->uart, "pci-", 4) == 0)
		buf_addf(&text, ",addr=0x%x", TARGET_SLOT);
	for (size_t i = 0; i < c->n_ports; i++) {
		plan_add_chr(plan, target_qtest_chr_id(c->ports[i].nr), CHR_UNIX, CHR_QEMU_LISTENS);
		if (c->n_ports > 1)
			buf_addf(&text, ",chardev%zu=%s", i + 1,
				 target_qtest_chr_id(c->ports[i].nr));
		else
			buf_addf(&text, ",chardev=%s", target_qtest_chr_id(c->ports[i].nr));
	}
	if (c->properties && *c->properties)
		buf_addf(&text, ",%s", c->properties);
	strv_push(&plan->devices, text.data);
	buf_release(&text);
}

void target_qtest_plan_machine(const struct target_config *c, struct plan *plan)
{
	plan->cold = plan->driven = true;
	plan->accel = "tcg";
	plan->memory_mb = TARGET_RAM >> 20;
	plan->machine = c->transport > TARGET_PCI_LEGACY ? "microvm" : c->express ? "q35" : "pc";
	strv_pushl(&plan->args, "-bios", TARGET_QTEST_ROM, "-qtest", "unix:" QTEST_SOCKET,
		   "-qtest-log", "none", "-action", "reboot=reset", NULL);
	if (c->express)
		strv_pushl(&plan->args, "-device",
			   "pcie-root-port,id=root0,bus=pcie.0,chassis=1,addr=" ROOT_ADDR, NULL);
	if (c->transport == TARGET_MMIO_MODERN)
		strv_pushl(&plan->args, "-global", "virtio-mmio.force-legacy=false", NULL);
}

void target_qtest_plan(const struct target_config *c, struct plan *plan)
{
	target_qtest_plan_machine(c, plan);
	if (c->uart) {
		plan_uart(c, plan);
		return;
	}
	plan_controller(c, plan);
	for (size_t i = 0; i < c->n_ports; i++) {
		const struct target_port *p = &c->ports[i];

		if (!p->no_chardev)
			plan_add_chr(plan, target_qtest_chr_id(p->nr), CHR_UNIX, CHR_QEMU_LISTENS);
		strv_pushf(&plan->devices, "%s,bus=ser0.0,id=port%u,nr=%u%s%s%s%s",
			   p->console ? "virtconsole" : "virtserialport", p->nr, p->nr,
			   p->name ? ",name=" : "", p->name ? p->name : "",
			   p->no_chardev ? "" : ",chardev=",
			   p->no_chardev ? "" : target_qtest_chr_id(p->nr));
	}
}
