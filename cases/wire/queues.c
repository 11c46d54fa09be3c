// SPDX-License-Identifier: GPL-2.0-or-later
/* queues.c - how many queues there are, how long they are, which port is whose */
#include <stdlib.h>

#include "harness/run/wire.h"

static void queues_topology(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, xasprintf("max_ports=%s", variant_get(v, "max")));
}

CASE(wire_queues, .id = "wire.queues",
     .title = "there are as many queues as max_ports asks for, each with a size that is one",
     .clause = "virtio-1.2/console/C-01, C-04, G-PC-02, G-SR-07 (4.1.4.3.1, 2.7)",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"transport", "max", NULL}, .lacks = wire_lacks,
     .wire = queues_topology)
{
	unsigned long max = strtoul(trial_axis(t, "max"), NULL, 10);
	struct target *target = trial_wire(t);
	struct buf why = BUF_INIT;
	struct vdev v;

	CHECK(t, vdev_find_usual(&v, target, &why), "%s", why.data);
	/* With one port the control queues are another matter: wire.no-control-queues */
	if (max > 1 && !v.legacy && target_is_pci(target))
		CHECK(t, vdev_queue_count(&v) == 2 * (max + 1), "num_queues is %u, want %lu",
		      vdev_queue_count(&v), 2 * (max + 1));
	for (unsigned q = 0; q < 2 * (max + 1); q++) {
		unsigned size = vdev_queue_size(&v, q);

		if (max == 1 && q >= 2)
			break;
		CHECK(t, size && (size & (size - 1)) == 0 && size <= 32768, "queue %u has size %u",
		      q, size);
		CHECK(t, !vdev_queue_on(&v, q), "queue %u is on before anybody set it up", q);
	}
	/* Up to the last number that QEMU's transports know (VIRTIO_QUEUE_MAX): above, D-23 */
	for (unsigned q = 2 * ((unsigned)max + 1); q < 1024; q += 37)
		CHECK(t, vdev_queue_size(&v, q) == 0, "queue %u, which cannot be, has size %u", q,
		      vdev_queue_size(&v, q));
}

static void one_port(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, "max_ports=1");
	wire_port(config, 0, true, NULL);
}

CASE(wire_no_control_queues, .id = "wire.no-control-queues",
     .title = "without MULTIPORT there are no control queues",
     .clause = "virtio-1.2/console/C-05 (5.3.2)", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"transport", NULL}, .lacks = wire_lacks, .wire = one_port)
{
	struct target *target = trial_wire(t);
	struct buf why = BUF_INIT;
	struct vdev v;

	CHECK(t, vdev_find_usual(&v, target, &why), "%s", why.data);
	CHECK(t, !(vdev_features(&v) & VF_MULTIPORT), "MULTIPORT is offered with max_ports=1");
	CHECK(t, vdev_queue_size(&v, VQ_CTL_RX) == 0 && vdev_queue_size(&v, VQ_CTL_TX) == 0,
	      "the control queues have sizes %u and %u", vdev_queue_size(&v, VQ_CTL_RX),
	      vdev_queue_size(&v, VQ_CTL_TX));
}

static void order_topology(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, "max_ports=4");
	wire_port(config, 0, true, NULL);
	wire_port(config, 2, false, NULL); /* plugged in another order than numbered */
	wire_port(config, 1, false, NULL);
	wire_port(config, 3, true, NULL);
}

CASE(wire_queue_order, .id = "wire.queue-order",
     .title = "each port's bytes pass its own two queues, both ways",
     .clause = "virtio-1.2/console/C-03, C-14 (5.3.2)", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"transport", "ring", NULL}, .lacks = wire_lacks,
     .wire = order_topology)
{
	struct vcon *c = trial_vcon(t, NULL);
	char text[16] = "port 0 out", in[16];

	for (unsigned nr = 0; nr < 4; nr++)
		wire_host_open(t, nr);
	wire_handshake(t, c);
	for (unsigned nr = 0; nr < 4; nr++) {
		struct ring_used used;
		long n;

		text[5] = (char)('0' + nr);
		CHECK(t, vcon_send(c, nr, text, 10, &used), "port %u: no buffer comes back", nr);
		wire_host_gets(t, nr, text, 10);
		CHECK(t, target_host_write(c->t, nr, text, 6) == 6, "port %u takes no bytes", nr);
		n = vcon_recv(c, nr, in, sizeof(in), VCON_MS);
		CHECK(t, n == 6 && in[5] == text[5],
		      "what port %u's host sent arrives as %ld bytes, the last %#x", nr, n,
		      n == 6 ? in[5] : 0);
	}
	for (unsigned nr = 0; nr < 4; nr++)
		wire_host_quiet(t, nr);
}
