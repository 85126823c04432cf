# Sent once a session is known to work. Words between @ are filled in with what the probe found. Nothing here is exported,
# and what a profile runs is a program of its own: it can neither see nor change any of this.

# A command may signal its group, which is the session's own, and a shell whose command dies of an interrupt dies of it too;
# unless it has something to do then. Commands don't inherit it.
trap : HUP INT QUIT ALRM TERM USR1 USR2

# NONCE STATUS WORD: ends an answer, on stderr and on stdout.
plimsoll_end() {
echo "$1" >&8
echo "$1 $2 $3"
}

# NONCE LINE: runs a command. In the foreground, since background jobs of a shell without job control ignore interrupts; its
# streams are given to it in its own process, since a shell's remark on how it ended goes to the shell's.
plimsoll_run() {
(exec @SHELL@ -c "$2" </dev/null >&9 2>&8 8>&- 9>&-)
plimsoll_ran "$1" $?
}

# NONCE PIECE…: runs a line that is too long for an argument; it arrives by a pipe.
plimsoll_run_long() {
plimsoll_nonce=$1
shift
for plimsoll_piece in "$@"; do @PRINTF@ %s "$plimsoll_piece"; done | (exec @SHELL@ -c @EVAL@ 7<&0 </dev/null >&9 2>&8 8>&- 9>&-)
plimsoll_ran "$plimsoll_nonce" $?
}

# NONCE STATUS: when the command left processes in the session's group, they may still write: then this session ends here,
# so that what they write can't be taken for another command's output.
plimsoll_ran() {
plimsoll_word=done
plimsoll_look_for_left
plimsoll_end "$1" "$2" $plimsoll_word
case $plimsoll_word in left) exit;; esac
}

# Looks at the processes that came since the last time, until no more come: the kernel numbers them, and /proc/loadavg ends
# with the last one's number. Where it doesn't count, which the command's own process shows, all are looked at.
plimsoll_seen=0
plimsoll_count() {
read -r plimsoll_rest plimsoll_rest plimsoll_rest plimsoll_rest plimsoll_last </proc/loadavg
}
plimsoll_look_for_left() {
plimsoll_new=no
while plimsoll_count; do
case $plimsoll_last in "$plimsoll_seen") break;; esac
plimsoll_at=$plimsoll_seen plimsoll_seen=$plimsoll_last plimsoll_new=$((plimsoll_last-plimsoll_at))
if [ $plimsoll_new -lt 1 ] || [ $plimsoll_new -gt 200 ]; then plimsoll_new=no; break; fi
while [ $plimsoll_at -lt $plimsoll_last ]; do
plimsoll_at=$((plimsoll_at+1))
if [ -e /proc/$plimsoll_at ]; then plimsoll_look_at $plimsoll_at; fi
done
done
case $plimsoll_new in no) for plimsoll_path in /proc/[0-9]*; do plimsoll_look_at ${plimsoll_path#/proc/}; done;; esac
}

# PID: says in plimsoll_word when this process is of the session's group and has not ended.
plimsoll_look_at() {
read -r plimsoll_line </proc/$1/stat || return
set -- $1 ${plimsoll_line##*) }
case $1:$2:$4 in $$:*|*:[ZX]:*) ;; *:"$plimsoll_group") plimsoll_word=left;; esac
}

plimsoll_find_group() {
read -r plimsoll_line </proc/$$/stat || return
set -- ${plimsoll_line##*) }
plimsoll_group=$3
}
plimsoll_group=unknown
plimsoll_find_group
plimsoll_count && plimsoll_seen=$plimsoll_last

# PATH: says in plimsoll_word why PATH can't be reached, walking it as the kernel does.
plimsoll_why() {
plimsoll_word=odd plimsoll_at= plimsoll_rest=$1 plimsoll_hops=0
while :; do
case $plimsoll_rest in
'') break;;
/*) plimsoll_rest=${plimsoll_rest#/}; continue;;
*/*) plimsoll_part=${plimsoll_rest%%/*} plimsoll_rest=${plimsoll_rest#*/};;
*) plimsoll_part=$plimsoll_rest plimsoll_rest=;;
esac
if [ ! -d "$plimsoll_at/" ]; then plimsoll_word=notdir; return; fi
if [ ! -x "$plimsoll_at/" ]; then plimsoll_word=denied; return; fi
if [ -e "$plimsoll_at/$plimsoll_part" ]; then plimsoll_at=$plimsoll_at/$plimsoll_part
elif [ -h "$plimsoll_at/$plimsoll_part" ]; then
plimsoll_hops=$((plimsoll_hops+1))
if [ $plimsoll_hops -gt 40 ]; then plimsoll_word=loop; return; fi
plimsoll_to=$(plimsoll_link "$plimsoll_at/$plimsoll_part"; echo .)
plimsoll_to=${plimsoll_to%??}
case $plimsoll_to in /*) plimsoll_at=;; esac
plimsoll_rest=$plimsoll_to/$plimsoll_rest
else plimsoll_word=gone; return
fi
done
case $1 in */) [ -d "$plimsoll_at/" ] || plimsoll_word=notdir;; esac
}

# PATH: writes where a link points, and a newline.
plimsoll_link() {
@LINK@
}
plimsoll_link_by_ls() {
plimsoll_text=$(LC_ALL=C @LS@ -ld "$1" </dev/null; echo .)
plimsoll_text=${plimsoll_text#*"$1 -> "}
@PRINTF@ '%s\n' "${plimsoll_text%??}"
}

# FOLLOW PATH…: one line of metadata for each.
plimsoll_facts() {
plimsoll_follow=$1
shift
case $plimsoll_follow in
yes) @FACTS_FOLLOW@;;
no) @FACTS@;;
esac
}
plimsoll_facts_by_ls() {
plimsoll_flags=$1
shift
for plimsoll_path in "$@"; do
plimsoll_text=$(LC_ALL=C @LS@ $plimsoll_flags --full-time "$plimsoll_path" </dev/null)
@PRINTF@ '%s\n' "${plimsoll_text%%
*}"
done
}

# NONCE CUT FOLLOW PATH…: a word for each path, a cut, metadata of those that are there, a cut, what each link says and a
# cut. Only what is there is handed to the tool, so that its lines can be told apart without names.
plimsoll_stat() {
plimsoll_nonce=$1 plimsoll_cut=$2 plimsoll_follow=$3
shift 3
plimsoll_left=$#
while [ $plimsoll_left -gt 0 ]; do
plimsoll_left=$((plimsoll_left-1))
if [ $plimsoll_follow = no ] && [ -h "$1" ]; then plimsoll_word=link
elif [ -e "$1" ]; then plimsoll_word=here
else plimsoll_why "$1"
fi
echo $plimsoll_word
case $plimsoll_word in link|here) set -- "$@" "$1";; esac
shift
done
echo "$plimsoll_cut"
case $# in 0) ;; *) plimsoll_facts $plimsoll_follow "$@" </dev/null 2>&8 8>&- 9>&-;; esac
echo "$plimsoll_cut"
case $plimsoll_follow in
no) for plimsoll_path in "$@"; do
if [ -h "$plimsoll_path" ]; then plimsoll_link "$plimsoll_path" </dev/null; echo "$plimsoll_cut"; fi
done;;
esac
plimsoll_end "$plimsoll_nonce" 0 done
}

# NONCE PATH: a file's content.
plimsoll_read() {
plimsoll_status=0 plimsoll_word=here
if [ -d "$2" ]; then plimsoll_word=directory
elif [ ! -e "$2" ]; then plimsoll_why "$2"
elif [ ! -r "$2" ]; then plimsoll_word=denied
elif [ -f "$2" ]; then @READ@ </dev/null 2>&8 8>&- 9>&-; plimsoll_status=$?
elif [ "$2" -ef /dev/null ]; then :
else plimsoll_word=special
fi
plimsoll_end "$1" $plimsoll_status $plimsoll_word
}

# NONCE PATH: a letter and the name of each entry of a directory, each closed by a NUL byte.
plimsoll_list() {
if [ ! -e "$2" ]; then plimsoll_why "$2"
elif [ ! -d "$2" ]; then plimsoll_word=notdir
elif [ ! -r "$2" ] || [ ! -x "$2" ]; then plimsoll_word=denied
else
plimsoll_word=here
for plimsoll_path in "$2"/* "$2"/.*; do
case $plimsoll_path in */.|*/..) continue;; esac
if [ -h "$plimsoll_path" ]; then plimsoll_kind=l
elif [ -f "$plimsoll_path" ]; then plimsoll_kind=f
elif [ -d "$plimsoll_path" ]; then plimsoll_kind=d
elif [ -c "$plimsoll_path" ]; then plimsoll_kind=c
elif [ -b "$plimsoll_path" ]; then plimsoll_kind=b
elif [ -p "$plimsoll_path" ]; then plimsoll_kind=p
elif [ -S "$plimsoll_path" ]; then plimsoll_kind=s
elif [ -e "$plimsoll_path" ]; then plimsoll_kind=u
else continue
fi
@PRINTF@ '%s\000' "$plimsoll_kind${plimsoll_path##*/}"
done
fi
plimsoll_end "$1" 0 $plimsoll_word
}

# NONCE SHELL BORN: ends an abandoned session's shell and all that descends from it. BORN is when that shell started, in
# the kernel's ticks: a process id that went to somebody else meanwhile is left alone.
plimsoll_reap() {
plimsoll_family= plimsoll_leaders=
if read -r plimsoll_line </proc/$2/stat; then
case $(set -- ${plimsoll_line##*) }; echo "${20} $3") in
"$3 $2") plimsoll_family=$2 plimsoll_leaders=-$2;;
"$3 "*) plimsoll_family=$2;;
esac
fi
plimsoll_grown=$plimsoll_family
while [ -n "$plimsoll_grown" ]; do
plimsoll_grown=
for plimsoll_path in /proc/[0-9]*; do
plimsoll_pid=${plimsoll_path#/proc/}
case " $plimsoll_family " in *" $plimsoll_pid "*) continue;; esac
read -r plimsoll_line <"$plimsoll_path/stat" || continue
plimsoll_line=${plimsoll_line##*) }
plimsoll_line=${plimsoll_line#* }
plimsoll_parent=${plimsoll_line%% *}
plimsoll_line=${plimsoll_line#* }
case " $plimsoll_family " in
*" $plimsoll_parent "*)
plimsoll_family="$plimsoll_family $plimsoll_pid" plimsoll_grown=yes
case $plimsoll_line in "$plimsoll_pid "*) plimsoll_leaders="$plimsoll_leaders -$plimsoll_pid";; esac;;
esac
done
done
# The shell first: it must not go on to its next command.
for plimsoll_pid in $plimsoll_family $plimsoll_leaders; do kill -9 $plimsoll_pid; done
plimsoll_end "$1" 0 done
}

# NONCE SHELL BORN: keeps watch over another session's shell until the connection ends. Then whoever asked is gone: nobody takes
# that shell's answers any more, and it is ended with all that descends from it.
plimsoll_guard() {
plimsoll_end "$1" 0 done
while read -r plimsoll_line; do :; done
plimsoll_reap "$1" "$2" "$3"
exit
}
