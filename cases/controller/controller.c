// SPDX-License-Identifier: GPL-2.0-or-later
/* controller.c - what the guest knows of a controller */
#include "cases/controller/controller.h"

#include <stdlib.h>
#include <string.h>

/* A line, and around every buffer there is: see transfer.c. */
static const uint64_t sizes[] = {64, 1, 4095, 4096, 4097, 32767, 32768, 32769, 65535, 65536, 65537};

char *controller_value(struct trial *t, const char *text, const char *key)
{
	size_t len = strlen(key);
	const char *at = text;

	while (at && (strncmp(at, key, len) != 0 || at[len] != '=')) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	CHECK(t, at, "the guest does not tell %s of the controller: %s", key, text);
	at += len + 1;
	return xstrndup(at, strcspn(at, "\n"));
}

void controller_carry(struct trial *t, const char *chr, const char *node)
{
	struct chr *c = rig_chr(trial_rig(t), chr);
	size_t n = sizeof(sizes) / sizeof(*sizes);

	for (size_t i = 0; i < n; i++) {
		struct traffic x, *const all[] = {&x};

		traffic_init(&x, t, c, node, TRAFFIC_BOTH, sizes[i], 0);
		traffic_sync(&x);
		traffic_judge(&x);
		if (i + 1 == n)
			traffic_nothing_more(all, 1);
		traffic_release(&x);
	}
}

char *controller_await(struct trial *t, const char *node)
{
	char *line = xasprintf(
		"chardev-helper wait-path %s --timeout-ms 10000 </dev/null >&2 && "
		"n=$(readlink %s) && v=$(readlink -f /sys/class/virtio-ports/${n##*/}/device) && "
		"p=${v%%/*} && echo virtio=${v##*/} && echo pci=${p##*/} && "
		"for f in vendor device revision; do echo $f=$(cat $p/$f); done && "
		"echo features=$(cat $v/features) && echo msi=$(ls $p/msi_irqs 2>/dev/null | wc -l) && "
		"echo group=$(readlink $p/iommu_group)",
		node, node);
	char *out = trial_guest(t, line);

	trial_note(t, "the controller in the guest:\n%s", out);
	free(line);
	return out;
}
