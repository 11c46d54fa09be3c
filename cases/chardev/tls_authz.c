// SPDX-License-Identifier: GPL-2.0-or-later
/* tls_authz.c - tls-authz= with a list: who is allowed by a rule, and who is not */
#include <string.h>

#include "cases/chardev/host.h"
#include "cases/chardev/peer.h"

#define MS    10000
#define FILES "tls"
/* Rules are a list, which -object takes as JSON only. */
#define RULE(match, policy, format)                                                                \
	"{\"match\":\"" match "\",\"policy\":\"" policy "\",\"format\":\"" format "\"}"
#define MEMBERS(policy, rules) "\"policy\":\"" policy "\",\"rules\":[" rules "]}"
#define LIST(policy, rules)    "{\"qom-type\":\"authz-list\",\"id\":\"authz0\"," MEMBERS(policy, rules)
#define FROM_FILE	       "authz-list-file,id=authz0,filename=authz.json"

/**
 * struct authz_row - Rules, and whether CN=client is let in by them
 * @object:	behind -object
 */
static const struct authz_row {
	const char *name, *object;
	bool in;
} rows[] = {
	{"exact", LIST("deny", RULE("CN=client", "allow", "exact")), true},
	{"exact-other", LIST("deny", RULE("CN=clien", "allow", "exact")), false},
	{"glob", LIST("deny", RULE("CN=cl*", "allow", "glob")), true},
	{"denied", LIST("allow", RULE("CN=client", "deny", "exact")), false},
	{"first-rule",
	 LIST("deny", RULE("CN=client", "deny", "exact") "," RULE("CN=*", "allow", "glob")), false},
	{"no-rules", LIST("deny", ""), false},
};

static void authz_plan(const struct variant *v, struct plan *plan)
{
	const struct authz_row *row = variant_row(v);

	bare_plan_machine(plan);
	bare_plan_front(plan, "virtserialport", "c0");
	strv_pushl(&plan->args, "-object",
		   "tls-creds-x509,id=tls0,endpoint=server,dir=" FILES ",verify-peer=on", "-object",
		   row->object, NULL);
	bare_chardev(plan, "socket,id=c0,host=127.0.0.1,port=0,server=on,wait=off,tls-creds=tls0,"
			   "tls-authz=authz0");
}

CASE(tls_lists, .id = "tls.authz-lists",
     .title = "tls-authz= with a list of rules lets in whom the first rule that fits, or "
	      "else the policy, allows, and nobody else",
     .clause = "qemu/qemu-options.hx -object authz-list", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"row", NULL}, .rows = ROWS(rows), .plan = authz_plan)
{
	const struct authz_row *row = trial_row(t);
	struct bare *b;
	struct tls *tls;
	bool began;

	tls_make_files(FILES);
	b = trial_bare(t);
	tls = peer_tls(b, peer_connect(b, 0), NULL);
	began = tls_begin(tls, deadline_in(MS));
	if (row->in) {
		CHECK(t, began, "%s", tls->stream.why.data);
		peer_opened(b);
		peer_works(b, &tls->stream, "welcome");
		return;
	}
	/* A client of TLS 1.3 may believe that it is in. */
	if (began)
		stream_write(&tls->stream, "let me in", 9);
	bare_host_eof(b, &tls->stream);
	bare_silent(b, b->front);
	CHECK(t, b->bus.host_changes[1] == 0, "the device sees its host end open");
}

CASE(tls_list_file, .id = "tls.authz-file",
     .title = "an object authz-list-file takes a file of rules",
     .clause = "qemu/qemu-options.hx -object authz-list-file", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU)
{
	static const char rules[] = "{" MEMBERS("deny", RULE("CN=client", "allow", "exact"));
	struct strv words = {NULL, 0};
	struct refusal r;

	host_file_make(t, "authz.json", rules, strlen(rules));
	strv_pushl(&words, "-object", FROM_FILE, NULL);
	trial_refusal(t, &words, &r);
	CHECK(t, r.started, "QEMU does not start: %s", r.err.data);
	refusal_release(&r);
	strv_release(&words);
}
