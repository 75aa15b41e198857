# What make-image and make-iso share; to be read by "." with the current directory at the top.
#
# Images are the same, byte for byte, from the same program: times come from SOURCE_DATE_EPOCH,
# volume numbers and GUIDs are fixed.

: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)}"
export SOURCE_DATE_EPOCH
export TZ=UTC MTOOLS_SKIP_CHECK=1

program=${ASSAY_EFI:-build/assay.efi}
memtest=/boot/memtest86+x64.efi # of Debian's package memtest86+
signed=${SIGNED:-}              # folder that boot/sign has made; empty: programs as they are
[ -z "$signed" ] || program=$signed/BOOTX64.EFI memtest=$signed/memtest86+x64.efi
[ -s "$program" ] || { echo "$0: there is no $program yet: make image" >&2; exit 1; }
[ -s "$memtest" ] || { echo "$0: there is no $memtest: scripts/setup build" >&2; exit 1; }

# put_esp IMAGE: the files of the EFI system partition, into a FAT volume named as mtools does
# (FILE or FILE@@OFFSET). \EFI\BOOT\BOOTX64.EFI is what firmware starts from any medium
# (UEFI 2.10, 3.5.1.1).
put_esp() {
    mmd -i "$1" ::/EFI ::/EFI/BOOT ::/EFI/assay
    mcopy -i "$1" "$program" ::/EFI/BOOT/BOOTX64.EFI
    mcopy -i "$1" boot/assay.cfg ::/EFI/assay/assay.cfg
    mcopy -i "$1" "$memtest" ::/EFI/assay/memtest86+x64.efi
    [ -z "$signed" ] || mcopy -i "$1" "$signed/assay.der" ::/assay.der
    [ -z "$signed" ] || [ ! -e "$signed/grubx64.efi" ] ||
        mcopy -i "$1" "$signed/grubx64.efi" "$signed/mmx64.efi" ::/EFI/BOOT/
}

# put_readme IMAGE: the partition that Windows shows, with its line ends.
put_readme() {
    sed 's/$/\r/' boot/README.TXT | mcopy -i "$1" - ::/README.TXT
}

# prepare IMAGE FIRST-FILE COUNT: folders for runs, hidden, each with every file of a run in it, full
# of blanks (efi/folders.h). FIRST-FILE is journal.log, or summary.txt where there is no journal.
prepare() {
    blanks=$work.blanks
    rm -rf $blanks
    mkdir -p $blanks
    {
        echo "journal.log $(sed -n 's/^ *JOURNAL_SIZE = \(.*\),$/\1/p' efi/recorder.h)"
        tr '\n' ' ' <report/files.c | grep -o '\.name = "[^"]*", *\.room = [0-9* ]*' |
            sed 's/.name = "\(.*\)", *.room = /\1 /'
    } | sed -n "/^$2 /,\$p" | while read -r name size; do
        blank='\n'
        [ "$name" != journal.log ] || blank=' '
        head -c $(($size)) /dev/zero | tr '\0' "$blank" >"$blanks/$name"
        touch -d "@$SOURCE_DATE_EPOCH" "$blanks/$name"
    done
    mmd -i "$1" ::/assay ::/assay/runs
    for number in $(seq -f %04g "$3"); do
        mmd -i "$1" "::/assay/runs/$number"
        mcopy -i "$1" -m $blanks/* "::/assay/runs/$number"
        mattrib -i "$1" +h "::/assay/runs/$number"
    done
    rm -r $blanks
}
