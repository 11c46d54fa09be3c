// SPDX-License-Identifier: GPL-2.0-or-later
/* udp.c - -chardev udp: which addresses it is told, and which it takes by itself */
#include <string.h>

#include "cases/backend/backend.h"

#define LINE 64

static enum chr_udp_form form_of(const struct variant *v)
{
	if (variant_is(v, "addresses", "remote"))
		return CHR_UDP_REMOTE;
	if (variant_is(v, "addresses", "localaddr"))
		return CHR_UDP_LOCALADDR;
	if (variant_is(v, "addresses", "localport"))
		return CHR_UDP_LOCALPORT;
	return variant_is(v, "addresses", "ipv4") ? CHR_UDP_IPV4 : CHR_UDP_IPV6;
}

static void udp_plan(const struct variant *v, struct plan *plan)
{
	plan_add_chr(plan, "c0", CHR_UDP, CHR_QEMU_LISTENS);
	plan->chrs[0].udp_form = form_of(v);
	backend_add_device(v, plan, "c0");
}

static const char *udp_lacks(const struct variant *v, const struct caps *caps)
{
	(void)caps;
	return variant_is(v, "addresses", "ipv6") && !chr_udp_has_ipv6() ? "this host has no ::1"
									 : NULL;
}

/* The guest speaks first: where QEMU chose its port, its first datagram tells it. */
CASE(udp_addresses, .id = "udp.addresses",
     .title = "a udp chardev sends to host and port from localaddr and localport, or from what the "
	      "kernel chooses, and hears what is sent there, by the protocol that it was told",
     .clause = "qemu/qemu-options.hx -chardev udp: host, port, localaddr, localport, ipv4, ipv6",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "addresses", NULL}, .lacks = udp_lacks,
     .plan = udp_plan)
{
	static const char *const want[] = {[CHR_UDP_REMOTE] = "127.0.0.1:",
					   [CHR_UDP_LOCALADDR] = "127.0.0.2:",
					   [CHR_UDP_LOCALPORT] = "127.0.0.1:",
					   [CHR_UDP_IPV4] = "127.0.0.1:",
					   [CHR_UDP_IPV6] = "::1:"};
	const char *from = want[form_of(&t->spec->variant)];
	struct chr *chr = rig_chr(trial_rig(t), "c0");
	struct traffic x, *const all[] = {&x};

	backend_await_node(t);
	traffic_init(&x, t, chr, backend_node(&t->spec->variant), TRAFFIC_G2H, LINE, 1);
	traffic_sync(&x);
	traffic_judge(&x);
	traffic_release(&x);
	CHECK(t, strncmp(chr->path, from, strlen(from)) == 0,
	      "QEMU sends from %s, want an address that begins with %s", chr->path, from);
	trial_note(t, "QEMU sends from %s", chr->path);
	traffic_init(&x, t, chr, backend_node(&t->spec->variant), TRAFFIC_BOTH, LINE, 2);
	traffic_sync(&x);
	traffic_judge(&x);
	traffic_nothing_more(all, 1);
	traffic_release(&x);
}
