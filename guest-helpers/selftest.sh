#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest-helpers/selftest.sh HELPER: what can be checked without a guest. TAP on stdout.

set -u
export LC_ALL=C

helper=${1:?usage: selftest.sh HELPER}
case $helper in /*) ;; *) helper=$PWD/$helper ;; esac
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
trap 'exit 2' HUP INT TERM
cd "$dir" || exit 2

echo "TAP version 14"
n=0 bad=0
check() { # description, command..
	n=$((n + 1)) what=$1
	shift
	if "$@"; then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		[ ! -f out ] || sed 's/^/# /' out
		bad=$((bad + 1))
	fi
	rm -f out
}

# Run the helper with a deadline and no channel on stdin; its output goes to "out".
h() { timeout 20 "$helper" "$@" </dev/null >out 2>err; }
says() { grep -qx -- "$1" out; }
payload() { "$helper" payload --seed "$1" --bytes "$2"; }
part() { tail -c +$(($2 + 1)) "$1" | head -c "$3"; } # file, offset, length

# Version first, known lines only, numbers in sequence, the plan last and right.
strict_tap() {
	awk '
	NR == 1 { if ($0 != "TAP version 14") bad = 1; next }
	planned { bad = 1 }
	/^(not )?ok [0-9]+ - / { k++; i = $1 == "not" ? 3 : 2; if ($i != k) bad = 1; next }
	/^# / { next }
	/^1\.\.[0-9]+$/ { planned = 1; if ($0 != "1.." k) bad = 1; next }
	{ bad = 1 }
	END { exit bad || !planned }' out
}

same_cksum() { [ "$(payload "$1" "$2" | "$helper" cksum)" = "$(payload "$1" "$2" | cksum)" ]; }
odd_pieces() {
	[ "$(payload 9 300001 | dd bs=1009 2>/dev/null | "$helper" cksum)" = "$(payload 9 300001 | cksum)" ]
}
for size in 0 1 7 8 9 2399 2400 2401 4096 65520 65521 65522 131043 1000003; do
	check "cksum of $size bytes is that of cksum" same_cksum 7 $size
done
check "cksum does not mind how the bytes come" odd_pieces

# Fixed values: the harness generates the same bytes from its own code.
golden() { [ "$(payload "$1" "$2" | cksum)" = "$3 $2" ]; }
check "seed 1 gives the bytes it always gave" golden 1 200000 1267206209
check "seed 0 gives the bytes it always gave" golden 0 200000 1375622865
check "the largest seed gives the bytes it always gave" golden 18446744073709551615 200000 2328838650
offset_agrees() {
	payload 5 300000 >p
	"$helper" payload --seed 5 --bytes 100003 --offset 99991 >q
	part p 99991 100003 | cmp -s - q
}
check "a byte depends on its offset alone" offset_agrees
all_values() { [ "$(payload 3 65521 | od -An -v -tu1 -w1 | sort -u | wc -l)" = 256 ]; }
check "all byte values occur" all_values

through_fifo() {
	rm -f f
	mkfifo f
	timeout 20 "$helper" recv f --seed 4 --bytes 300000 --block 4097 </dev/null >out &
	timeout 20 "$helper" send f --seed 4 --bytes 300000 --block 1000 </dev/null >sent || return 1
	wait $! && strict_tap && says "ok 1 - 300000 bytes as sent" &&
		says "# cksum $(payload 4 300000 | cksum)" &&
		grep -qx "# cksum $(payload 4 300000 | cksum)" sent
}
check "send and recv agree through a pipe" through_fifo

# What send wrote to a file, and the cksum that it printed, against the payload and cksum.
sent_to() { # file, seed, bytes
	payload "$2" "$3" | cmp -s - "$1" && says "# cksum $(cksum <"$1")"
}
sends() { # block, sizes..
	block=$1
	shift
	for size in "$@"; do
		for seed in 0 1 18446744073709551615; do
			rm -f f
			: >f
			h send f --seed $seed --bytes "$size" --block "$block" && strict_tap &&
				sent_to f $seed "$size" || return 1
		done
	done
}
# around a lap, two laps, a run of four laps, and what is made at once of each block
around() { echo $(($1 - 1)) "$1" $(($1 + 1)); }
for block in 1000 32768 65521 262083 262084 1000003; do
	room=$(((262084 + block - 1) / block * block))
	# shellcheck disable=SC2046 # several words
	check "send writes blocks of $block and knows their cksum" sends $block 0 1 7 8 9 513 \
		$(around 65521) $(around 131042) $(around 262084) $(around $room) \
		$(around $((room + 262084))) 1500000
done
check "send writes single bytes and knows their cksum" sends 1 1 9 3001
sends_much() {
	[ "$("$helper" send /dev/null --seed 8 --bytes 70000001 </dev/null | grep cksum)" = \
		"# cksum $(payload 8 70000001 | cksum)" ]
}
check "send knows the cksum of more than a thousand laps" sends_much
in_parts() {
	rm -f f
	mkfifo f
	exec 3<>f
	timeout 20 head -c 3000000 f >q &
	h send f --seed 6 --bytes 3000000 --block 70001 --open-flags nonblock
	status=$?
	wait $! && exec 3>&- && [ $status = 0 ] && sent_to q 6 3000000
}
check "send knows the cksum when writes are cut short" in_parts
too_big() {
	rm -f f
	: >f
	(trap '' XFSZ && ulimit -f 600 && h send f --seed 6 --bytes 3000000 --block 70001)
	[ $? = 1 ] && strict_tap && says "not ok 1 - write at offset $((600 * 512)): EFBIG" &&
		sent_to f 6 $((600 * 512))
}
check "send knows the cksum of what went before an error" too_big

marker=000102030405060708090a0b0c0d0eff
marked() { # extra bytes between payload and marker
	rm -f f
	mkfifo f
	timeout 20 "$helper" recv f --seed 4 --bytes 5000 --marker $marker </dev/null >out &
	{
		payload 4 5000
		printf '%s' "$1"
		printf '\000\001\002\003\004\005\006\007\010\011\012\013\014\015\016\377'
	} >f
	wait $!
}
marker_found() { marked '' && strict_tap && says "ok 2 - marker follows the last byte"; }
marker_late() { ! marked 'x' && strict_tap && says "not ok 2 - marker follows the last byte"; }
check "a marker after the payload is found" marker_found
check "a byte too many before the marker is seen" marker_late

through_pty() {
	command -v socat >/dev/null || return 0
	socat pty,link=a,raw,echo=0 pty,link=b,raw,echo=0 2>/dev/null &
	socat=$!
	"$helper" wait-path b --timeout-ms 5000 >/dev/null </dev/null
	timeout 20 "$helper" duplex b --seed-tx 1 --bytes-tx 70000 --seed-rx 2 --bytes-rx 60000 \
		</dev/null >other &
	h duplex a --seed-tx 2 --bytes-tx 60000 --seed-rx 1 --bytes-rx 70000
	status=$?
	wait $! && [ $status = 0 ] && strict_tap
	status=$?
	kill $socat
	return $status
}
check "duplex runs both ways through a pair of terminals" through_pty

# ---- damage: every kind is a "not ok", with the right offset

payload 5 300000 >p
damaged() { # first bad offset, summary
	! h recv q --seed 5 --bytes 300000 && strict_tap && grep -q '^not ok 1 - ' out &&
		says "# first mismatch at offset $1" && says "# damage: in all $2"
}
{ part p 0 40960; part p 45056 254944; } >q
check "a lost block" damaged 40960 "4096 bytes missing, 0 repeated, 0 foreign"
{ part p 0 40960; part p 36864 263136; } >q
check "a repeated block" damaged 40960 "4096 bytes missing, 4096 repeated, 0 foreign"
{ part p 0 40960; part p 45056 4096; part p 40960 4096; part p 49152 250848; } >q
check "blocks in the wrong order" damaged 40960 \
	"0 bytes missing, 0 repeated, 0 foreign, order changed"
{ part p 0 131042; payload 6 4000; part p 135042 164958; } >q
check "bytes of somebody else" damaged 131042 "4000 bytes missing, 0 repeated, 4000 foreign"
{ part p 0 65521; part p 0 234479; } >q
# the first byte of lap 1 happens to be that of lap 0
check "one lap in place of the next" damaged 65522 "65521 bytes missing, 65521 repeated, 0 foreign"
part p 0 299999 >q
short() { ! h recv q --seed 5 --bytes 300000 && strict_tap &&
	says "not ok 1 - end of file at offset 299999"; }
check "the last byte is missing" short

# ---- errors

usage() {
	h "$@"
	[ $? = 100 ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ]
}
check "an unknown verb is a usage error" usage frobnicate
check "an unknown option is a usage error" usage send n --seed 1 --bytes 2 --frob
check "a missing option is a usage error" usage send n --seed 1
check "a missing operand is a usage error" usage recv --seed 1 --bytes 2
check "a number with letters is a usage error" usage payload --seed 1 --bytes 2k
check "a number out of range is a usage error" usage payload --seed 18446744073709551616 --bytes 2
check "a short marker is a usage error" usage recv n --seed 1 --bytes 2 --marker 00
check "an unknown open flag is a usage error" usage recv n --seed 1 --bytes 2 --open-flags x
no_node() { h recv nowhere --seed 1 --bytes 2; [ $? = 1 ] && strict_tap &&
	says "not ok 1 - open nowhere: ENOENT"; }
check "a node that is not there is a test point" no_node
full() { h send /dev/full --seed 1 --bytes 2; [ $? = 1 ] && strict_tap &&
	says "not ok 1 - write at offset 0: ENOSPC"; }
check "a write error names offset and errno" full

blocked() {
	rm -f f
	mkfifo f
	exec 3<>f
	timeout 20 "$helper" send f --seed 1 --bytes 200000 </dev/null >out &
	sender=$!
	timeout 20 sh -c 'until grep -q blocked out; do :; done'
	timeout 20 "$helper" recv f --seed 1 --bytes 200000 </dev/null >/dev/null
	wait $sender && exec 3>&- && strict_tap && grep -q '^# blocked in write at offset 65536$' out
}
check "a writer that sleeps in the kernel is reported" blocked
no_go() {
	: | timeout 20 "$helper" send /dev/null --seed 1 --bytes 2 --go >out
	[ $? = 2 ] && grep -q '^Bail out! standard input was closed' out
}
go() { echo go | timeout 20 "$helper" send /dev/null --seed 1 --bytes 2 --go >out
	says "ok 1 - wrote 2 bytes" || grep -q '^Bail out! standard input was closed$' out; }
check "send waits for go, and leaves when nobody can say it" no_go
check "send writes after go" go
leash() {
	rm -f f
	mkfifo f
	exec 3<>f
	: | timeout 20 "$helper" recv f --seed 1 --bytes 2 >out
	status=$?
	exec 3>&-
	[ $status = 2 ] && grep -q '^Bail out! standard input was closed$' out
}
check "a verb that waits leaves when its channel closes" leash

# ---- a script of calls, on a FIFO that gives what was written to it

script() { # lines
	rm -f f
	mkfifo f
	printf '%s\n' "$@" | timeout 20 "$helper" fops f >out && strict_tap
}
plays() {
	script 'open a 0 rdwr,nonblock = ok' 'read a 5 = EAGAIN' 'poll a = OUT,WRNORM' \
		'write a 100000 = 65536' 'poll a = IN,RDNORM' 'lseek a = ESPIPE' 'exec a = closed' \
		'close a = ok' 'read a 1 = EBADF' mark 'open a 0 rdwr = ok' \
		'block a = ok' 'A: write a 70000' 'A sleeps' 'A interrupted' 'A = 65536' \
		mark end && says '# mark-0 65536 0' && says '# mark-1 131072 0' &&
		says 'ok 5 - poll a = IN,RDNORM'
}
check "a script is played" plays
parts() {
	script 'open a 0 rdwr,nonblock = ok' 'write-part a 100000 = part' \
		'write-part a 10 = EAGAIN' mark end && says '# mark-0 65536 0'
}
check "a write of which a part is taken" parts
wrong() { # the last "not ok", lines
	want=$1
	shift
	! script "$@" end && strict_tap && [ "$(grep ^not out)" = "$want" ]
}
check "a script's call that gives something else" wrong \
	'not ok 2 - poll a = OUT, but it is OUT,WRNORM' 'open a 0 rdwr = ok' 'poll a = OUT'
check "a write that should be cut" wrong 'not ok 2 - write-part a 10 = part, but it is 10' \
	'open a 0 rdwr = ok' 'write-part a 10 = part'
check "a script's call that should wait" wrong \
	'not ok 2 - A sleeps, but it came back with EAGAIN' 'open a 0 rdwr,nonblock = ok' \
	'A: read a 1' 'A sleeps'
check "a script's call that was not interrupted" wrong \
	'not ok 4 - read a 1 = EINTR, but it is 1, wrong from byte 0 on' 'open a 0 rdwr = ok' \
	'A: read a 1' 'A sleeps' 'write a 1 = 1' 'A = EINTR'
set_of() {
	script 'open a 0 rdwr,nonblock = ok' 'select a = w' 'eadd a IN,OUT = ok' 'eadd a IN = EEXIST' \
		'ewait = a:OUT' 'eready = IN' 'write a 10 = 10' 'ewait = a:IN,OUT' 'select a = rw' \
		'emod a IN oneshot = ok' 'ewait = a:IN' 'ewait = none' 'eready = none' \
		'emod a IN,OUT et = ok' 'ewait = a:IN,OUT' 'ewait = none' 'edel a = ok' \
		'edel a = ENOENT' end
}
check "a set of descriptors is kept" set_of
pieces() { # the offsets of the pieces that come, the last lines
	rm -f f
	mkfifo f
	exec 3<>f
	for at in $1; do "$helper" payload --seed 100 --bytes 100 --offset "$at" >&3; done
	printf '%s\n' 'open a 0 rdwr,nonblock = ok' "$2" 'close a = ok' end |
		timeout 20 "$helper" fops f >out
	status=$?
	exec 3>&-
	strict_tap && return $status
}
some_pieces() { pieces "0 100 300 400" "pieces a 100 4 = ok" && says "# pieces 4"; }
check "pieces come, and one is missing" some_pieces
no_piece() { ! pieces "0 100 100" "pieces a 100 4 = ok" && says "not ok 2 - $want"; }
want='pieces a 100 4 = ok, but it is 2, then one that is none of the next'
check "pieces of which one comes twice" no_piece
odd_line() { # line, what is said
	script "$1"
	[ $? = 2 ] && says "Bail out! $2"
}
check "a call that is none" odd_line 'frob a = 1' "there is no call 'frob'"
check "a node that is no usb-serial" odd_line 'usb-take a 0 = ok' \
	'/sys/class/tty/f/device/../../busnum: ENOENT'
check "a descriptor that is none" odd_line 'close 7 = ok' "close: '7' is no descriptor"
check "a line without an answer" odd_line 'close a' 'want what: close a'
check "a script that just ends" odd_line mark 'standard input was closed'

# ---- the agent, at a FIFO that gives it what it says itself

talks() {
	rm -f f in
	mkfifo f in
	timeout 20 "$helper" agent f <in >out &
	exec 4>in
	echo "offer word 500" >&4
	timeout 20 sh -c 'until grep -q ^..text-1 out; do :; done'
	echo quit >&4
	exec 4>&-
	wait $! && strict_tap && says "# caps-1 0x63" && says "# answer-1 0x63" && says "# grab-1" &&
		says "# request-1" || return 1
	seq -f 'word %06.0f: 5 € für' 0 499 >t
	says "# text-1 $(wc -c <t) $(cksum <t | cut -d' ' -f1)"
}
check "an agent hears what is said in many chunks" talks
hears() { # bytes as printf has them, what it says
	rm -f f in
	mkfifo f in
	exec 3<>f 4<>in
	# shellcheck disable=SC2059 # the bytes are written with escapes
	printf "$1" >&3
	echo quit >&4
	timeout 20 "$helper" agent f <in >out 3<&- 4<&-
	exec 3<&- 4<&-
	says "$2"
}
# a chunk's head and a message's head, of these lengths (octal)
chunk() { printf '\\001\\0\\0\\0\\%s\\0\\0\\0' "$1"; }
message() { printf '\\001\\0\\0\\0\\%s\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\%s' "$1" "$2"; }
check "a mouse state" hears "$(chunk 041)$(message 1 015)\\0\\0\\0\\007\\0\\0\\0\\010\\001\\0\\0\\002\\0\\0\\0\\0" \
	"# mouse-1 7 264 2"
check "a mouse state that is too short" hears "$(chunk 030)$(message 1 004)\\0\\0\\0abcd" \
	"not ok 1 - a mouse state of 4 bytes"
check "a clipboard message that is too short" hears "$(chunk 030)$(message 7 004)\\0\\0\\0\\0\\0\\0\\0" \
	"not ok 1 - a clipboard message (type 7) of 4 bytes"
check "a chunk for no port" hears '\011\0\0\0\004\0\0\0' "Bail out! a chunk for port 9 of 4 bytes"
check "an empty chunk" hears '\001\0\0\0\0\0\0\0' "Bail out! a chunk for port 1 of 0 bytes"
check "a chunk that is too long" hears '\001\0\0\0\001\010\0\0' "Bail out! a chunk for port 1 of 2049 bytes"
check "a message of another protocol" hears \
	"$(chunk 024)\\002\\0\\0\\0\\001\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0" \
	"Bail out! a message of protocol 2, type 1, 0 bytes"
check "a message longer than can be" hears "$(chunk 024)$(message 4 377)\\377\\377\\377" \
	"Bail out! a message of protocol 1, type 4, 4294967295 bytes"
check "bytes behind a message" hears "$(chunk 025)$(message 011 0)\\0\\0\\0x" "Bail out! 1 bytes behind a message"

# ---- copying

# Bytes go in by one FIFO and come out by another, whose reader leaves and comes back in between; the
# copier is told so, and to end once all of it has come.
copies() {
	rm -rf in to ctl got
	mkfifo in to ctl
	timeout 20 "$helper" copy in to --block 1000 --control ctl </dev/null >out &
	copier=$!
	payload 3 100000 >sent
	head -c 40000 sent >in & # the copier has it open before any byte comes
	head -c 40000 to >got
	echo "close to" >ctl
	timeout 20 sh -c 'until grep -q "^# to-closed 1\.$" out; do :; done'
	tail -c +40001 sent >in &
	echo "open to" >ctl
	head -c 60000 to >>got
	echo end >ctl
	wait $copier && strict_tap && cmp -s sent got && says "# to-open 2\." &&
		says "ok 1 - copied 100000 of 100000 bytes read"
}
check "copy goes on after an end was closed, and loses nothing" copies
# Few enough for a terminal to hold: nobody who reads and writes in turn is held up.
copies_back() {
	rm -f ctl pty got
	mkfifo ctl
	payload 3 3000 >sent
	timeout 20 socat -b 500 OPEN:sent,rdonly,ignoreeof!!CREATE:got PTY,link=pty,rawer,wait-slave &
	host=$!
	timeout 20 sh -c 'until [ -e pty ]; do :; done'
	timeout 20 "$helper" copy pty pty --control ctl </dev/null >out &
	copier=$!
	timeout 20 sh -c 'until [ "$(wc -c <got)" -ge 3000 ]; do :; done'
	echo end >ctl
	wait $copier && strict_tap && cmp -s sent got && says "ok 1 - copied 3000 of 3000 bytes read"
	copied=$?
	wait $host # its terminal has hung up
	return $copied
}
check "copy with one node twice gives back what comes" copies_back
copy_bails() { echo "$1" >ctl-in && ! timeout 20 "$helper" copy sent x <ctl-in >out && says "$2"; }
check "copy knows its commands" copy_bails nonsense "Bail out! unknown command 'nonsense'"
check "copy does not outlive who would end it" copy_bails "close to" "Bail out! nobody is there to say 'end'"

# ---- waiting

appears() {
	timeout 20 "$helper" wait-path d/e/x --timeout-ms 10000 </dev/null >out &
	mkdir -p d/e && ln -s ../target d/e/x && : >d/target
	wait $! && strict_tap && says "ok 1 - d/e/x is there"
}
check "wait-path sees folders, a link and at last its target come" appears
times_out() { ! h wait-path never --timeout-ms 20 && strict_tap && says "not ok 1 - never is there"; }
check "wait-path gives up" times_out
goes() {
	: >g
	timeout 20 "$helper" wait-gone g --timeout-ms 10000 </dev/null >out &
	rm g
	wait $! && strict_tap && says "ok 1 - g is gone"
}
check "wait-gone sees a file go" goes

# ---- links as udev makes them

link_is() { # attribute, link
	rm -rf s dev
	mkdir -p s/class/virtio-ports/vport1p1 dev
	# shellcheck disable=SC2059 # the name is written with escapes
	printf "$1\n" >s/class/virtio-ports/vport1p1/name
	"$helper" uevents --once --sys s --dev dev || return 1
	(cd dev/virtio-ports 2>/dev/null && find . -type l -printf '%P %l\n') >out
	[ "$(cat out)" = "$2" ]
}
check "a plain name" link_is 'org.qemu-1:a@b=c_d+#' 'org.qemu-1:a@b=c_d+# ../vport1p1'
check "white space is cut off or becomes one _" link_is ' a \t b ' 'a_b ../vport1p1'
# shellcheck disable=SC2016 # a literal dollar sign
check "unsafe characters become _" link_is 'a$b%%c?d,e*f"g' 'a_b_c_d_e_f_g ../vport1p1'
check "UTF-8 stays, what is not UTF-8 does not" link_is '\303\244\344x' "$(printf '\303\244_x') ../vport1p1"
check "a slash makes a folder" link_is 'a/b' 'a/b ../../vport1p1'
check "a name cannot lead elsewhere" link_is '../x' ''
check "no name, no link" link_is '' ''

echo "1..$n"
[ $bad = 0 ]
