// SPDX-License-Identifier: GPL-2.0-or-later
/* circuit_end.c - a stream comes to rest, or to its end: all of it is judged, and behind it comes
 * nothing */
#include <inttypes.h>

#include "cases/streams/circuit.h"

#define STILL_MS 10000
#define QMP_MS	 5000

void circuit_rest(struct circuit *r)
{
	struct vm *vm = &r->rig->vm;

	CHECK(r->t, qmp_cmd(&vm->qmp, deadline_in(QMP_MS), "query-status", NULL) == QMP_OK,
	      "query-status: no answer");
	CHECK(r->t, vm_await_rest(vm, deadline_in(QMP_MS)), "QEMU does not come to rest");
}

void circuit_take_all(struct circuit *r)
{
	do
		circuit_rest(r);
	while (circuit_take_ready(r) > 0);
}

void circuit_release(struct circuit *r)
{
	damage_release(&r->damage);
	payload_release(&r->payload);
}

/* End QEMU and see that no byte comes behind the last one. */
static void nothing_more(struct circuit *r)
{
	struct buf why = BUF_INIT;
	unsigned char byte;
	size_t n;

	if (r->t->session->keep_guest)
		return;
	CHECK(r->t, vm_quit(&r->rig->vm, &why), "%s", why.data);
	n = chr_read_exact(r->b, &byte, 1, deadline_in(STILL_MS));
	CHECK(r->t, n == 0, "behind the last byte another one came: 0x%02x", byte);
}

void circuit_finish(struct circuit *r, bool may_lose)
{
	struct buf why = BUF_INIT;
	unsigned int gaps;
	uint64_t lost;

	r->payload.size = r->sent;
	if (may_lose)
		CHECK(r->t,
		      damage_only_loss(&r->damage, &lost, &gaps) ||
			      (damage_report(&r->damage, &why), false),
		      "what came back is not what was sent with gaps: %s", why.data);
	else
		CHECK(r->t, damage_report(&r->damage, &why), "what came back: %s", why.data);
	if (r->helper) {
		helper_tell(r->helper, "end");
		helper_finish(r->helper, STILL_MS);
	} else {
		circuit_end_apart(r, may_lose);
	}
	nothing_more(r);
	rig_lap(&r->t->rig, "stream");
	trial_note(r->t, "%" PRIu64 " bytes sent, %" PRIu64 " came back", r->sent, r->got);
}
