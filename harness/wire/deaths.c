// SPDX-License-Identifier: GPL-2.0-or-later
/* deaths.c - what is known to end a QEMU */
#include "harness/wire/deaths.h"

#include <string.h>

static const struct wire_death deaths[] = {
	{.name = "available-at-zero",
	 .words = {"do_flush_queued_data", "virtio_queue_ready"},
	 .versions = "7.2.22 10.0.2 10.0.13 11.1.3",
	 .trigger = "start; ctl 1 OPEN 1; hopen 1; qaddr tx1 driver=0; kick tx1",
	 .where = "pci-modern,split",
	 .why = "virtio_queue_ready() asks for the available ring's address, "
		"virtio_queue_notify() for that of the descriptors"},
	{.name = "packed-ring-shrunk",
	 .words = {"address_space_lduw_le_cached"},
	 .versions = "7.2.22 10.0.2 10.0.13 11.1.3",
	 .trigger = "start; send 1 4; send 1 4; send 1 4; qsize tx1 2; kick tx1",
	 .where = "pci-modern,packed",
	 .why = "the size of a queue that was used is set lower, and the ring is read where it "
		"was left off, beyond what was mapped"},
};
#define DEATHS (sizeof(deaths) / sizeof(*deaths))

const struct wire_death *wire_death_get(size_t nth)
{
	return nth < DEATHS ? &deaths[nth] : NULL;
}

const struct wire_death *wire_death(const char *how)
{
	for (size_t i = 0; i < DEATHS; i++) {
		const char *const *word = deaths[i].words;

		while (*word && strstr(how, *word))
			word++;
		if (!*word)
			return &deaths[i];
	}
	return NULL;
}
