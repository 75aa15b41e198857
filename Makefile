# Assay: `make help` lists the targets.

CC = gcc
B = build
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Werror
INCLUDES = -I. -I$(B)/lz4
FOLDERS = base sensors disk $(addprefix disk/,nvme ahci health volumes writing imaging) stress report diagnosis
VERSION = $(shell sed -n 's/^\#define ASSAY_VERSION "\(.*\)"/\1/p' base/version.h)

# Programs of the host that stand in a folder of the image's sources.
HOST_MAINS = report/assay_report.c diagnosis/assay_verdicts.c
SOURCES = $(filter-out $(HOST_MAINS),$(wildcard $(FOLDERS:=/*.c)))
EFI_SOURCES = $(SOURCES) $(wildcard efi/*.c)
HEADERS = $(wildcard $(FOLDERS:=/*.h) efi/*.h tests/*/*.h)

# The image: freestanding, no red zone (interrupts use our stack), position-independent. Builtins stay
# on: hashing and compression load words by memcpy, which must not become a call.
EFI_CFLAGS = -std=gnu11 -Os -g $(WARNINGS) $(INCLUDES) -isystem /usr/include/efi -isystem /usr/include/efi/x86_64 \
	-DGNU_EFI_USE_MS_ABI -DLZ4_FREESTANDING=1 -DLZ4_memcpy=memcpy -DLZ4_memmove=memmove \
	-DLZ4_memset=memset -ffreestanding -fbuiltin -fpic -fno-stack-protector -fshort-wchar -mno-red-zone \
	-maccumulate-outgoing-args -fno-strict-aliasing -fno-asynchronous-unwind-tables -fvisibility=hidden
EFI_LDFLAGS = -nostdlib -znocombreloc -shared -Bsymbolic --no-undefined -z noexecstack \
	-T /usr/lib/elf_x86_64_efi.lds /usr/lib/crt0-efi-x86_64.o
EFI_OBJECTS = $(EFI_SOURCES:%.c=$(B)/efi/%.o) $(B)/efi/lz4.o

# The host: the same sources, for tests under sanitizers and for the programs beside the image.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_CFLAGS = -std=gnu11 -g $(WARNINGS) $(INCLUDES)
SIM_SOURCES = $(filter-out tests/sim/sim.c tests/sim/field% tests/sim/heat%,$(wildcard tests/sim/*.c))
# Of efi/, what knows no firmware: the wiring of a run, which tests drive over made-up machines.
WIRING = $(addprefix efi/,run.c run_memory.c run_tasks.c run_cpu.c run_sensors.c run_verdict.c run_writing.c run_dma.c \
	run_resume.c recorder.c reports.c inject.c inject_disk.c desk.c earlier.c menu.c question.c)
TEST_SOURCES = $(SOURCES) $(WIRING) $(SIM_SOURCES)
TEST_OBJECTS = $(TEST_SOURCES:%.c=$(B)/test/%.o) $(B)/test/lz4.o
HOST_OBJECTS = $(SOURCES:%.c=$(B)/host/%.o) $(B)/host/lz4.o
UNIT_TESTS = $(patsubst tests/unit/%.c,$(B)/test/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ_SOURCES = $(SOURCES) tests/sim/bmc.c
FUZZ_OBJECTS = $(FUZZ_SOURCES:%.c=$(B)/fuzz-objects/%.o) $(B)/fuzz-objects/lz4.o
FUZZERS = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

# On all processors, unless the user has said on how many.
MAKE_ALL = $(MAKE) --no-print-directory $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

# V=1 shows the commands.
Q = $(if $(V),,@echo "  $@";)

.DELETE_ON_ERROR:
.SECONDARY:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

all: image host ## the image and the programs beside it

setup-%:
	@scripts/setup $*

$(B)/lz4/lz4.c: scripts/fetch-lz4 | setup-build
	@scripts/fetch-lz4

# ---- the image

image: $(B)/assay.efi $(B)/assay.img $(B)/assay.iso ## assay.efi, assay.img (USB stick), assay.iso

$(B)/efi/lz4.o: $(B)/lz4/lz4.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out $(WARNINGS),$(EFI_CFLAGS)) -ffunction-sections -include string.h -c $< -o $@.all
	@ld -r --gc-sections -e LZ4_compress_fast_extState -u LZ4_decompress_safe $@.all -o $@

# These are what the compiler would call.
$(B)/efi/efi/libc.o: EFI_CFLAGS += -fno-builtin

# The loops that every word of memory goes through, wherever they are compiled for.
%/stress/kernel_plain.o %/stress/kernel_sse2.o: KERNEL_CFLAGS = -O3
%/stress/kernel_scalar.o: KERNEL_CFLAGS = -O3 -fno-tree-vectorize
%/stress/kernel_avx2.o: KERNEL_CFLAGS = -O3 -mavx2
%/stress/kernel_modulo.o %/stress/kernel_pair.o: KERNEL_CFLAGS = -O2 -fno-tree-vectorize

# Small, but for what a block of a disk goes through.
$(addprefix $(B)/efi/,base/hash.o disk/canary.o disk/imaging/block_job.o disk/writing/stamp.o lz4.o): EFI_CFLAGS += -O2

$(B)/efi/%.o: %.c $(HEADERS) $(B)/lz4/lz4.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(EFI_CFLAGS) $(KERNEL_CFLAGS) -c $< -o $@

# What shim asks of each program: boot/sbat.S.
$(B)/sbat.csv: boot/sbat.csv base/version.h
	@mkdir -p $(@D)
	$(Q)sed 's/@VERSION@/$(VERSION)/' $< > $@

$(B)/sbat.o: boot/sbat.S $(B)/sbat.csv
	$(Q)$(CC) -Wa,-I$(B) -c $< -o $@

$(B)/assay.so: $(EFI_OBJECTS) $(B)/sbat.o
	$(Q)ld $(EFI_LDFLAGS) $^ /usr/lib/libgnuefi.a -o $@

# A program of the firmware from the shared object that is its only prerequisite.
MAKE_EFI = objcopy -j .text -j .sdata -j .data -j .rodata -j .dynamic -j .dynsym -j .rel -j .rela -j '.rel.*' \
	-j '.rela.*' -j .reloc -j .sbat --strip-debug --target efi-app-x86_64 --subsystem=10 $< $@

$(B)/assay.efi: $(B)/assay.so
	$(Q)$(MAKE_EFI)

# Signed for Secure Boot where a key is given: make image SB_KEY=key.pem SB_CERT=cert.pem, and
# SB_SHIM=1 for shim. $(B)/signing changes with the key, the certificate and shim, and only then.
export SB_KEY SB_CERT SB_SHIM
SIGNED = $(if $(SB_KEY)$(SB_CERT)$(SB_SHIM),$(B)/signed)
MEDIA = $(B)/assay.efi $(B)/signing $(SIGNED:%=%/BOOTX64.EFI) boot/media.sh boot/assay.cfg boot/README.TXT

$(B)/signing: FORCE
	@mkdir -p $(@D)
	@boot/sign check > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(B)/signed/BOOTX64.EFI: $(B)/assay.efi $(B)/signing boot/sign
	boot/sign $(@D)

$(B)/assay.img: $(MEDIA) boot/make-image
	SIGNED=$(SIGNED) boot/make-image

$(B)/assay.iso: $(MEDIA) boot/make-iso
	SIGNED=$(SIGNED) boot/make-iso

# ---- the programs beside it

host: $(B)/host/assay-report ## assay-report, for journals of runs that died

$(B)/host/lz4.o $(B)/test/lz4.o: $(B)/lz4/lz4.c
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g $(INCLUDES) -c $< -o $@

$(B)/host/%.o: %.c $(HEADERS) $(B)/lz4/lz4.c
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 $(HOST_CFLAGS) $(KERNEL_CFLAGS) -c $< -o $@

$(B)/host/assay-report: report/assay_report.c $(HOST_OBJECTS)
	$(Q)$(CC) $(HOST_CFLAGS) -O2 $^ -o $@

$(B)/host/assay-verdicts: diagnosis/assay_verdicts.c $(HOST_OBJECTS)
	$(Q)$(CC) $(HOST_CFLAGS) -O2 $^ -o $@

docs/verdicts.md: $(B)/host/assay-verdicts $(B)/test/unit/test_rules $(B)/test/unit/test_run tests/qemu/cases.py
	scripts/list-tested | $< > $@

docs/memory-matrix.md: $(B)/test/unit/test_memory_matrix
	$< --print > $@

# ---- tests

$(B)/test/%.o: %.c $(HEADERS) $(B)/lz4/lz4.c
	@mkdir -p $(@D)
	$(Q)$(CC) -O1 $(HOST_CFLAGS) $(SANITIZE) $(KERNEL_CFLAGS) -c $< -o $@

$(B)/test/libassay.a: $(TEST_OBJECTS)
	@rm -f $@
	$(Q)ar rc $@ $^

$(B)/test/unit/%: tests/unit/%.c $(B)/test/libassay.a $(HEADERS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) -O1 $(SANITIZE) $< $(B)/test/libassay.a -lcmocka -lpthread -lm -o $@

# What happens below every seam of a made-up machine is put in by the linker (field_machine.c).
FIELD_SOURCES = $(WIRING) $(addprefix tests/sim/,sim.c field.c field_access.c field_apply.c field_board.c field_drive.c field_faults.c \
	field_firmware.c field_machine.c field_score.c field_sensors.c field_slot.c heat_model.c heat_machine.c heat_faults.c heat_run.c \
	heat_right.c heat_sim.c bmc.c clock.c drive.c drive_pages.c memory.c msr.c)
SIM_CHUNK = -DCHUNK_KIB=128
SIM_OBJECTS = $(patsubst %.c,$(B)/sim/%.o,$(FIELD_SOURCES) $(SOURCES)) $(B)/host/lz4.o

$(B)/sim/%.o: %.c $(HEADERS) $(B)/lz4/lz4.c
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 $(SIM_CHUNK) $(HOST_CFLAGS) $(KERNEL_CFLAGS) -c $< -o $@

$(B)/host/sim: $(SIM_OBJECTS)
	$(Q)$(CC) $(HOST_CFLAGS) -O2 -Wl,--wrap=hash_block,--wrap=page_test,--wrap=page_examine $^ -lxxhash -o $@

unit-tests: $(UNIT_TESTS) $(B)/test/unit/report_samples $(B)/host/assay-verdicts

unit: setup-build setup-test ## unit tests under ASan and UBSan, and Python's
	+@$(MAKE_ALL) host unit-tests
	@scripts/run-tests unit

sim: setup-build setup-test ## seeded made-up machines, a sample, through the real engine
	+@$(MAKE_ALL) $(B)/host/sim
	$(B)/host/sim

qemu: setup-build setup-test ## every case in QEMU, about an hour
	+@$(MAKE_ALL) image
	@scripts/run-tests qemu

soak: setup-build setup-test ## the long ones: fuzzers for ten minutes each, 30,000 made-up machines, 20 stuck bits, 250 kills
	+@$(MAKE_ALL) image host fuzzers $(B)/host/sim
	@scripts/run-tests fuzz --seconds 600
	$(B)/host/sim 30000
	@scripts/run-tests soak-memory soak

test: setup-build setup-test ## unit, fuzz corpora, a short simulation, QEMU cases marked ci
	+@$(MAKE_ALL) image host unit-tests $(B)/host/sim fuzzers
	@scripts/run-tests unit fuzz sim qemu-ci journal-ci

lab: setup-build setup-lab ## the server of scripts/lab, up for real: uploads good and hostile, 300 machines
	+@$(MAKE_ALL) $(B)/assay.efi
	@tests/lab/check.py

lava: setup-build setup-test setup-lava ## jobs of a LAVA lab, without its server; as root
	+@$(MAKE_ALL) image
	@tests/lava/check.py

run: setup-build setup-test ## the main job in QEMU, with Assay's own screen in this terminal
	+@$(MAKE_ALL) image
	@scripts/make-lab-disks
	@scripts/run-main-job

$(B)/fuzz-objects/lz4.o: $(B)/lz4/lz4.c
	@mkdir -p $(@D)
	$(Q)clang -g -O1 -fsanitize=fuzzer-no-link,address,undefined -c $< -o $@

$(B)/fuzz-objects/%.o: %.c $(HEADERS) $(B)/lz4/lz4.c
	@mkdir -p $(@D)
	$(Q)clang -std=gnu11 -g -O1 -fsanitize=fuzzer-no-link,address,undefined $(INCLUDES) $(KERNEL_CFLAGS) -c $< -o $@

$(B)/fuzz/%: tests/fuzz/fuzz_%.c $(FUZZ_OBJECTS) $(HEADERS)
	@mkdir -p $(@D)
	$(Q)clang -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined $(INCLUDES) $< $(FUZZ_OBJECTS) -o $@

fuzzers: $(FUZZERS:%=$(B)/fuzz/%)

SECONDS_EACH ?= 60
fuzz: setup-build setup-test ## each fuzzer for SECONDS_EACH (60) seconds
	+@$(MAKE_ALL) fuzzers
	@scripts/run-tests fuzz --seconds $(SECONDS_EACH)

# The memory kernels and the imaging pipeline for the host, and a program of the firmware that reads
# disks: all of the sources of the image.
$(B)/bench/memory: tests/bench/memory.c tests/bench/memory_limit.c $(HOST_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) -O2 $^ -lpthread -o $@

$(B)/bench/pipeline: tests/bench/pipeline.c $(HOST_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) -O2 $^ -lpthread -o $@

$(B)/bench/disk-bench.so: $(filter-out $(addprefix $(B)/efi/efi/,main.o beginning.o ending.o),$(EFI_OBJECTS)) $(B)/efi/tests/bench/disk_bench.o
	@mkdir -p $(@D)
	$(Q)ld $(EFI_LDFLAGS) $^ /usr/lib/libgnuefi.a -o $@

$(B)/bench/disk-bench.efi: $(B)/bench/disk-bench.so
	$(Q)$(MAKE_EFI)

bench-programs: $(B)/bench/memory $(B)/bench/pipeline $(B)/bench/disk-bench.efi

bench: setup-build setup-test setup-bench ## benchmarks: BENCH lines, ratios
	+@$(MAKE_ALL) image bench-programs
	tests/bench/run

bench-memory: ## those of memory alone
bench-detect: ## how long a stuck bit goes unnoticed, beside memtest86+
bench-disk: ## those of disks and of the imaging pipeline alone
bench-memory bench-detect bench-disk: bench-%: setup-build setup-test setup-bench
	+@$(MAKE_ALL) image bench-programs
	tests/bench/run $*

check: setup-build setup-check ## layering, warnings, clang-format, clang-tidy, cppcheck, nm -u
	+@$(MAKE_ALL) $(B)/assay.efi $(B)/test/libassay.a bench-programs
	scripts/check

clean: ## remove what was built
	rm -rf $(B)

FORCE:

.PHONY: FORCE help all image host unit unit-tests sim qemu soak test lab lava run fuzz fuzzers bench bench-programs \
	bench-memory bench-detect bench-disk check clean
