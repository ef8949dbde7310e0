/**
 * What a container's seccomp filter refuses, Docker's default among them: new namespaces, entering others, mounts. Nothing but perl is
 * needed to install it, which every Debian has. The filter is for a process and its children, and can't be taken off.
 */

/** Numbers of system calls (the kernel's arch/x86/entry/syscalls and include/uapi/asm-generic/unistd.h). */
const machines = {
  x64: {
    audit: 0xc000003e,
    prctl: 157,
    clone: 56,
    clone3: 435,
    refused: { unshare: 272, setns: 308, mount: 165, umount2: 166, pivot_root: 155 },
  },
  arm64: {
    audit: 0xc00000b7,
    prctl: 167,
    clone: 220,
    clone3: 435,
    refused: { unshare: 97, setns: 268, mount: 40, umount2: 39, pivot_root: 41 },
  },
} as const;
/** The ways to mount of Linux 5.2 and later, on all machines: open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr. */
const newMounts = [428, 429, 430, 431, 432, 433, 442];
/** All flags of clone(2) that ask for a namespace. */
const CLONE_NEW = 0x7e020000;
const EPERM = 1;
const ENOSYS = 38;

/** Instructions of the classic BPF (linux/filter.h), and answers of a filter (linux/seccomp.h). */
const LOAD = 0x20;
const IS = 0x15;
const HAS_ANY_OF = 0x45;
const ANSWER = 0x06;
const ALLOW = 0x7fff0000;
const ERROR = 0x00050000;
/** Offsets in struct seccomp_data. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;

type Instruction = readonly [code: number, then: number, otherwise: number, value: number];

function filter({ audit, clone, clone3, refused }: (typeof machines)[keyof typeof machines]): Instruction[] {
  const answer = (value: number): Instruction => [ANSWER, 0, 0, value];
  /** Where the loaded value is this one, the next instruction; otherwise the one after it. */
  const when = (value: number): Instruction => [IS, 0, 1, value];
  return [
    [LOAD, 0, 0, ARCHITECTURE],
    [IS, 1, 0, audit],
    answer(ALLOW),
    [LOAD, 0, 0, NUMBER],
    ...[...Object.values(refused), ...newMounts].flatMap((number) => [when(number), answer(ERROR | EPERM)]),
    ...[when(clone3), answer(ERROR | ENOSYS)],
    [IS, 1, 0, clone],
    answer(ALLOW),
    [LOAD, 0, 0, FIRST_ARGUMENT],
    [HAS_ANY_OF, 0, 1, CLONE_NEW],
    answer(ERROR | EPERM),
    answer(ALLOW),
  ];
}

/** PR_SET_NO_NEW_PRIVS, and PR_SET_SECCOMP with a struct sock_fprog. */
const script = `my ($prctl, @program) = (shift, split / /, shift);
my $code = join '', map { my ($c, $t, $f, $k) = split /,/; pack 'SCCL', $c, $t, $f, $k } @program;
my $head = pack 'Sx![P]P', scalar @program, $code;
syscall($prctl, 38, 1, 0, 0, 0) == 0 or die "no_new_privs: $!";
syscall($prctl, 22, 2, $head, 0, 0) == 0 or die "seccomp: $!";
exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!";`;

/** The argv that runs a command under the filter. */
export function withoutNamespaces(command: readonly string[]): string[] {
  const machine = machines[process.arch as keyof typeof machines]; // the table has what the project is tested on
  if (machine === undefined) throw new Error(`no seccomp filter was written for ${process.arch}`);
  return ['perl', '-e', script, '--', String(machine.prctl), filter(machine).join(' '), ...command];
}
