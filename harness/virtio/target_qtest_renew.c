// SPDX-License-Identifier: GPL-2.0-or-later
/* target_qtest_renew.c - the same QEMU, as after power-on, without starting it anew */
#include <stdio.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/virtio/target_qtest_private.h"
#include "harness/virtio/vdev.h"

/* Backends are named after ports; here, of those. */
#define BACKENDS 64

static bool has_port(const struct target_config *c, unsigned nr)
{
	for (size_t i = 0; i < c->n_ports; i++)
		if (c->ports[i].nr == nr && !c->ports[i].no_chardev)
			return true;
	return false;
}

/* Backends of ports that were plugged since go, those of ports that were unplugged come back. */
static bool backends_as_configured(struct target_qtest *t)
{
	struct qmp *q = &t->rig->vm.qmp;
	bool is[BACKENDS];

	if (!target_qtest_sync(t) ||
	    qmp_cmd(q, deadline_in(QMP_MS), "query-chardev", NULL) != QMP_OK)
		return false;
	for (unsigned nr = 0; nr < BACKENDS; nr++)
		is[nr] = qmp_find(q, "", "label", target_qtest_chr_id(nr)) >= 0;
	for (unsigned nr = 0; nr < BACKENDS; nr++) {
		bool want = has_port(&t->base.config, nr);

		if (is[nr] != want && !(want ? target_qtest_backend_plug(&t->base, nr)
					     : target_qtest_backend_unplug(&t->base, nr)))
			return false;
	}
	return true;
}

/* On PCI the whole device is plugged anew. */
static bool renew_pci(struct target_qtest *t)
{
	return target_qtest_controller_unplug(&t->base) && backends_as_configured(t) &&
	       target_qtest_controller_plug(&t->base);
}

/* All ports go and come back: the order in which they were plugged can be seen. */
static bool ports_anew(struct target_qtest *t)
{
	const struct target_config *c = &t->base.config;
	struct target_port_state s;

	for (unsigned nr = 0; nr < BACKENDS; nr++) {
		s = (struct target_port_state){0};
		if (!target_qtest_port_state(&t->base, nr, &s))
			return false;
		if (s.exists && !target_qtest_unplug(&t->base, nr, true))
			return false;
	}
	if (!backends_as_configured(t))
		return false;
	for (size_t i = 0; i < c->n_ports; i++)
		if (!target_qtest_plug(&t->base, &c->ports[i]))
			return false;
	return true;
}

/* What a driver accepted, and the selectors, outlive a reset of virtio-mmio. */
static bool renew_mmio(struct target_qtest *t)
{
	struct buf why = BUF_INIT;
	struct vdev v;
	bool ok = target_qtest_reset(&t->base) && ports_anew(t) &&
		  vdev_find_usual(&v, &t->base, &why);

	buf_release(&why);
	if (!ok)
		return false;
	for (unsigned word = 2; word-- > 0;)
		vdev_set_features_word(&v, word, 0);
	vdev_features_word(&v, 0);
	vdev_set_status(&v, 0);
	/* So does how often the configuration changed, and that nobody can take back. */
	return target_qtest_sync(t) && vdev_generation(&v) == 0;
}

static void empty_logs(void)
{
	static const char *const logs[] = {TARGET_QTEST_LOG, VM_QMP_LOG};

	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++)
		if (truncate(logs[i], 0) < 0)
			die_errno("unable to empty %s", logs[i]);
}

bool target_qtest_renew(struct target_qtest *t, const struct target_config *config)
{
	bool ok = t->base.end == TARGET_ALIVE && target_qtest_sync(t);

	if (ok) {
		empty_logs();
		t->base.config = *config;
		for (size_t i = 0; i < t->rig->n_chrs; i++)
			chr_close(&t->rig->chrs[i]);
		/* That hosts have left is for the ports that are there now. */
		ok = target_qtest_cont(&t->base) && target_settle(&t->base) &&
		     (target_is_pci(&t->base) ? renew_pci(t) : renew_mmio(t)) &&
		     target_settle(&t->base);
		target_free_all(&t->base);
		target_qtest_log(&t->base);
	}
	return ok && t->base.end == TARGET_ALIVE;
}
