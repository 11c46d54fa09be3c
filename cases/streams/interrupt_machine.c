// SPDX-License-Identifier: GPL-2.0-or-later
/* interrupt_machine.c - under a stream the machine gets other backends, processors and memory */
#include <stdlib.h>
#include <string.h>

#include "cases/streams/interrupt.h"

#define GUEST_MS   30000
#define DIMM_MB	   128
#define MOST_DIMMS 8
#define SAMPLE	   16

void interrupt_machine(const struct variant *v, struct plan *plan)
{
	bool cpu = variant_is(v, "interruption", "cpu"),
	     memory = variant_is(v, "interruption", "memory") ||
		      variant_is(v, "interruption", "memory-driver");

	if (cpu)
		strv_pushl(&plan->args, "-smp", "1,maxcpus=8,sockets=8", NULL);
	/* What is plugged has its page structures, 2 MB for 128, in the memory that is there. */
	if (memory)
		strv_pushl(&plan->args, "-m", "256,slots=8,maxmem=2G", NULL);
	plan->cold |= cpu || memory;
}

/* ---- chardev-change */

/* Another socket behind the same device; the next round goes back to the first. */
static void change(struct circuit *r, struct chr **end, const char *id, const char *other)
{
	struct chr *next = rig_add_chr(r->rig, strcmp((*end)->id, id) == 0 ? other : id, CHR_UNIX,
				       CHR_QEMU_LISTENS);
	struct buf backend = BUF_INIT;
	char *args;

	chr_qmp_backend(next, &backend);
	args = xasprintf("{\"id\": \"%s\", \"backend\": %s}", id, backend.data);
	interrupt_qmp(r, "chardev-change", args);
	chr_close(*end);
	*end = next;
	free(args);
	buf_release(&backend);
}

void interrupt_change_from(struct circuit *r)
{
	change(r, &r->a, "ca", "ca-other");
	circuit_open_host(r, r->a);
	circuit_mark(r);
}

void interrupt_change_to(struct circuit *r)
{
	change(r, &r->b, "cb", "cb-other");
	circuit_brim(r);
	circuit_open_host(r, r->b);
}

/* ---- processors and memory */

/* Wait in the guest until @test holds; the stream goes on meanwhile on its own. */
static void await_guest(struct circuit *r, const char *test)
{
	struct guest *g = &r->rig->vm.guest;
	int status =
		guest_run(g, NULL, deadline_in(GUEST_MS), "until %s; do usleep 2000; done", test);

	CHECK(r->t, status == 0, "%s: the guest does not come to '%s': %s", r->what, test,
	      g->error.data);
}

/* Where Linux knows of no hypervisor, and it does not know TCG, newer ones (7.2 is one) have no
 * room for a processor that the firmware's table names as one that is off: on real machines it is
 * none (arch/x86/kernel/acpi/boot.c acpi_is_processor_usable()). */
static void needs_room(struct circuit *r)
{
	struct guest *g = &r->rig->vm.guest;
	struct buf possible = BUF_INIT;
	int status = guest_run(g, &possible, deadline_in(GUEST_MS),
			       "cat /sys/devices/system/cpu/possible");

	CHECK(r->t, status == 0, "%s: %s", r->what, g->error.data);
	if (strcmp(possible.data, "0\n") == 0)
		trial_skip(r->t, "the guest's kernel takes no more processors than it began with");
	buf_release(&possible);
}

/* One more processor comes and is used. It stays: to take one of TCG out and put the next one in
 * ends QEMU (7.2.22: "double free or corruption"), which is not the business of a stream. */
void interrupt_cpu(struct circuit *r)
{
	unsigned int nr = ++r->plugs;
	char *type, *args, *online;

	if (nr == 1)
		needs_room(r);
	interrupt_qmp(r, "query-hotpluggable-cpus", NULL);
	type = qmp_get(&r->rig->vm.qmp, "0.type");
	args = xasprintf(
		"{\"driver\": \"%s\", \"id\": \"cpu%u\", \"socket-id\": %u, \"core-id\": 0, "
		"\"thread-id\": 0}",
		type, nr, nr);
	interrupt_qmp(r, "device_add", args);
	online = xasprintf("{ f=/sys/devices/system/cpu/cpu%u/online; [ -e $f ] && echo 1 >$f; }",
			   nr);
	await_guest(r, online);
	free(online);
	free(args);
	free(type);
}

/* What the guest's kernel has once it has found so many pieces and taken them for itself (they lie
 * above 4 GiB, in the zone that is asked first). */
static unsigned long long memory_kib(struct circuit *r, unsigned int pieces)
{
	struct guest *g = &r->rig->vm.guest;
	struct buf kib = BUF_INIT;
	int status = guest_run(
		g, &kib, deadline_in(GUEST_MS),
		"until [ $(ls -d /sys/bus/acpi/devices/PNP0C80:*/physical_node | wc -l) -ge %u ]; "
		"do usleep 2000; done; "
		"for f in /sys/devices/system/memory/memory*/state; do "
		"[ $(cat $f) = online ] || echo online_kernel >$f || exit; done; "
		"awk '/^MemTotal:/ { print $2 }' /proc/meminfo",
		pieces);
	unsigned long long n = strtoull(kib.data, NULL, 10);

	CHECK(r->t, status == 0, "%s: the guest does not take its memory: %s", r->what,
	      g->error.data);
	buf_release(&kib);
	return n;
}

/* A piece of memory comes, and stays: Linux gives back only what it can empty. */
void interrupt_memory(struct circuit *r)
{
	static unsigned long long want;
	char *id = xasprintf("dimm%u", ++r->plugs), *args;
	unsigned long long is;

	if (!want)
		want = memory_kib(r, 0);
	want += DIMM_MB << 10;
	args = xasprintf("{\"qom-type\": \"memory-backend-ram\", \"id\": \"%s-ram\", \"size\": %u}",
			 id, DIMM_MB << 20);
	interrupt_qmp(r, "object-add", args);
	free(args);
	args = xasprintf("{\"driver\": \"pc-dimm\", \"id\": \"%s\", \"memdev\": \"%s-ram\"}", id,
			 id);
	interrupt_qmp(r, "device_add", args);
	is = memory_kib(r, r->plugs);
	CHECK(r->t, is == want, "%s: %u MiB came, the guest has %llu KiB, not %llu", r->what,
	      DIMM_MB, is, want);
	free(args);
	free(id);
}

static unsigned long long answer_number(struct circuit *r, const char *key)
{
	char *text = qmp_get(&r->rig->vm.qmp, key);
	unsigned long long n;

	CHECK(r->t, text, "%s: the answer has no %s", r->what, key);
	n = strtoull(text, NULL, 10);
	free(text);
	return n;
}

/* The guest's memory at @addr is in one of the pieces that came. */
static bool is_new(unsigned long long addr, const unsigned long long *starts, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (addr >= starts[i] && addr - starts[i] < (unsigned long long)DIMM_MB << 20)
			return true;
	return false;
}

#define DEVICE "\"path\": \"/machine/peripheral/ser0/virtio-backend\", \"queue\": 4"

/* Most of the buffers that wait for bytes from the host, of which some are asked for: old ones are
 * used again, too (linux/mm/slub.c keeps a few slabs). */
static void check_buffers(struct circuit *r)
{
	unsigned long long starts[MOST_DIMMS];
	unsigned int n = 0, in = 0;

	interrupt_qmp(r, "query-memory-devices", NULL);
	for (unsigned int i = 0; i < r->plugs && i < MOST_DIMMS; i++) {
		char *addr = xasprintf("%u.data.addr", i);

		starts[i] = answer_number(r, addr);
		free(addr);
	}
	interrupt_qmp(r, "x-query-virtio-queue-status", "{" DEVICE "}");
	n = (unsigned int)answer_number(r, "vring-num");
	for (unsigned int i = 0; i < SAMPLE; i++) {
		char *args = xasprintf("{" DEVICE ", \"index\": %u}", i * n / SAMPLE);

		interrupt_qmp(r, "x-query-virtio-queue-element", args);
		in += is_new(answer_number(r, "descs.0.addr"), starts, r->plugs);
		free(args);
	}
	CHECK(r->t, in > SAMPLE / 2, "%s: of %u of the driver's buffers %u are in memory that came",
	      r->what, SAMPLE, in);
}

/* The driver begins anew, with buffers and rings that it allocates now. */
void interrupt_memory_driver(struct circuit *r)
{
	char *node = xasprintf("[ -e %s ]", r->from);

	interrupt_memory(r);
	interrupt_rebind(r);
	await_guest(r, node);
	check_buffers(r);
	circuit_open_node(r, CIRCUIT_FROM);
	circuit_open_node(r, CIRCUIT_TO);
	free(node);
}
