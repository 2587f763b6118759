// SPDX-License-Identifier: Apache-2.0
//
// A guest that tests the computer it runs on, and can be told to take all it gets. It boots from
// an El Torito CD by BIOS, needs no memory beyond 2 MiB, and obeys lines on its serial console:
//
//   processor  its kind and hypervisor        clock  the real-time clock
//   memory     all of it, written and read    disk   the first virtio disk, written and read
//   net        a frame to the host and back (Ethernet type 88b5, for experiments)
//   burn, fill, write, read, send  load of processor, memory, disk and network until a key comes
//
// Rebuild with self-test.sh beside this file. Sources: Virtual I/O Device (VIRTIO) 1.1,
// section 4.1 (PCI), 5.1 (network), 5.2 (block); OSDev's pages on CMOS and serial ports.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SERIAL 0x3F8
#define QUEUE 16
#define RX_BYTES 2048
#define DATA_BYTES 65536
#define TEST_FROM 0x400000u

static void outb(u16 p, u8 v) { __asm__ volatile("outb %0,%1" ::"a"(v), "Nd"(p)); }
static u8 inb(u16 p) { u8 v; __asm__ volatile("inb %1,%0" : "=a"(v) : "Nd"(p)); return v; }
static void outl(u16 p, u32 v) { __asm__ volatile("outl %0,%1" ::"a"(v), "Nd"(p)); }
static u32 inl(u16 p) { u32 v; __asm__ volatile("inl %1,%0" : "=a"(v) : "Nd"(p)); return v; }
static void fence(void) { __asm__ volatile("" ::: "memory"); __asm__ volatile("lock; addl $0,(%%esp)" ::: "memory"); }

static void put(char c) {
    while (!(inb(SERIAL + 5) & 0x20)) {
    }
    outb(SERIAL, (u8)c);
}
static int key(void) { return inb(SERIAL + 5) & 1; }
static void say(const char *s) {
    while (*s) put(*s++);
}
static void number(u64 n) {
    char digits[24];
    int i = 0;
    u32 low;
    do {
        // 64 by 10 without the compiler's library.
        u32 high = (u32)(n >> 32), q = high / 10, r = high % 10, part = (u32)n;
        __asm__("divl %4" : "=a"(low), "=d"(r) : "a"(part), "d"(r), "r"(10));
        digits[i++] = (char)('0' + r);
        n = (u64)q << 32 | low;
    } while (n);
    while (i) put(digits[--i]);
}
static u8 cmos(u8 at) { outb(0x70, at); return inb(0x71); }
static void two(u8 bcd) { put((char)('0' + (bcd >> 4))); put((char)('0' + (bcd & 15))); }

// ---- PCI and virtio

typedef struct { u64 address; u32 length; u16 flags, next; } Descriptor;
typedef struct { u16 flags, index, ring[QUEUE], event; } Available;
typedef struct { u16 flags, index; struct { u32 id, length; } ring[QUEUE]; u16 event; } Used;
typedef struct {
    Descriptor d[QUEUE] __attribute__((aligned(16)));
    Available a __attribute__((aligned(16)));
    Used u __attribute__((aligned(16)));
    volatile u16 *notify;
    u16 seen, number;
} Queue;
typedef struct {
    volatile u8 *common, *device, *notify;
    u32 multiplier;
    int found;
} Device;

static Queue *const disk_queue = (Queue *)0x100000, *const rx = (Queue *)0x102000, *const tx = (Queue *)0x104000;
static u8 *const rx_data = (u8 *)0x110000, *const tx_data = (u8 *)0x120000, *const data = (u8 *)0x200000;
static u8 *const request = (u8 *)0x106000;

static u32 pci(u32 address, u32 at) { outl(0xCF8, 0x80000000u | address | (at & ~3u)); return inl(0xCFC); }
static void pci_set(u32 address, u32 at, u32 v) { outl(0xCF8, 0x80000000u | address | at); outl(0xCFC, v); }
#define R32(p, at) (*(volatile u32 *)((p) + (at)))
#define R16(p, at) (*(volatile u16 *)((p) + (at)))
#define R8(p, at) (*(volatile u8 *)((p) + (at)))

static volatile u8 *bar(u32 address, u32 n, u32 offset) {
    u32 low = pci(address, 0x10 + n * 4);
    if ((low & 7) == 4 && pci(address, 0x14 + n * 4)) return 0;
    return (volatile u8 *)((low & ~15u) + offset);
}

static Device device(u16 kind) {
    Device v = {0, 0, 0, 0, 0};
    for (u32 address = 0; address < 0x200000; address += 0x100) {
        if (pci(address, 0) != ((u32)kind << 16 | 0x1AF4)) continue;
        pci_set(address, 4, (pci(address, 4) & 0xFFFF) | 6);
        for (u32 at = pci(address, 0x34) & 0xFC; at; at = pci(address, at) >> 8 & 0xFC) {
            u32 head = pci(address, at);
            if ((head & 0xFF) != 9) continue;
            volatile u8 *where = bar(address, pci(address, at + 4) & 7, pci(address, at + 8));
            u32 type = head >> 24;
            if (type == 1) v.common = where;
            if (type == 2) { v.notify = where; v.multiplier = pci(address, at + 16); }
            if (type == 4) v.device = where;
        }
        if (!v.common || !v.notify || !v.device) return v;
        R8(v.common, 20) = 0;
        R8(v.common, 20) = 1;
        R8(v.common, 20) = 3;
        R32(v.common, 8) = 0;
        R32(v.common, 12) = 0;
        R32(v.common, 8) = 1;
        R32(v.common, 12) = 1; // VIRTIO_F_VERSION_1
        R8(v.common, 20) = 11;
        v.found = R8(v.common, 20) & 8;
        return v;
    }
    return v;
}

static void queue(Device *v, Queue *q, u16 n) {
    for (u32 i = 0; i < sizeof *q; i++) ((volatile u8 *)q)[i] = 0;
    R16(v->common, 22) = n;
    R16(v->common, 24) = QUEUE;
    R32(v->common, 32) = (u32)q->d; R32(v->common, 36) = 0;
    R32(v->common, 40) = (u32)&q->a; R32(v->common, 44) = 0;
    R32(v->common, 48) = (u32)&q->u; R32(v->common, 52) = 0;
    q->notify = (volatile u16 *)(v->notify + R16(v->common, 30) * v->multiplier);
    q->number = n;
    R16(v->common, 28) = 1;
}

static void offer(Queue *q, u16 head) {
    q->a.ring[q->a.index % QUEUE] = head;
    fence();
    q->a.index++;
    fence();
    *q->notify = q->number;
}

static int done(Queue *q) { fence(); return *(volatile u16 *)&q->u.index != q->seen; }

// ---- Disk

static Device disk, card;
static u64 sectors;

static int move(int write, u64 sector, u32 bytes) {
    *(u32 *)request = (u32)write;
    *(u32 *)(request + 4) = 0;
    *(u64 *)(request + 8) = sector;
    request[16] = 255;
    disk_queue->d[0] = (Descriptor){(u32)request, 16, 1, 1};
    disk_queue->d[1] = (Descriptor){(u32)data, bytes, (u16)(write ? 1 : 3), 2};
    disk_queue->d[2] = (Descriptor){(u32)request + 16, 1, 2, 0};
    offer(disk_queue, 0);
    while (!done(disk_queue)) {
    }
    disk_queue->seen++;
    return *(volatile u8 *)(request + 16) == 0;
}

static u32 pattern(u32 i, u32 seed) { return (i * 2654435761u) ^ seed; }

static void test_disk(void) {
    u32 *words = (u32 *)data;
    u64 at[3] = {0, sectors / 2, sectors - DATA_BYTES / 512};
    if (!disk.found || sectors < DATA_BYTES / 512) { say("disk none\n"); return; }
    for (u32 n = 0; n < 3; n++) {
        for (u32 i = 0; i < DATA_BYTES / 4; i++) words[i] = pattern(i, n + 1);
        if (!move(1, at[n], DATA_BYTES)) { say("disk bad write\n"); return; }
    }
    for (u32 n = 0; n < 3; n++) {
        for (u32 i = 0; i < DATA_BYTES / 4; i++) words[i] = 0;
        if (!move(0, at[n], DATA_BYTES)) { say("disk bad read\n"); return; }
        for (u32 i = 0; i < DATA_BYTES / 4; i++)
            if (words[i] != pattern(i, n + 1)) { say("disk bad data\n"); return; }
    }
    say("disk ok ");
    number(sectors * 512);
    put('\n');
}

// ---- Network

static void open_card(void) {
    card = device(0x1041);
    if (!card.found) return;
    queue(&card, rx, 0);
    queue(&card, tx, 1);
    R8(card.common, 20) = 15;
    for (u16 i = 0; i < QUEUE; i++) {
        rx->d[i] = (Descriptor){(u32)rx_data + i * RX_BYTES, RX_BYTES, 2, 0};
        offer(rx, i);
    }
}

static void send(u32 bytes) {
    while ((u16)(tx->a.index - *(volatile u16 *)&tx->u.index) >= QUEUE) {
        fence();
        if (key()) return;
    }
    u16 slot = tx->a.index % QUEUE;
    tx->d[slot] = (Descriptor){(u32)tx_data, bytes + 12, 0, 0};
    offer(tx, slot);
}

static void frame(void) {
    for (u32 i = 0; i < 1526; i++) tx_data[i] = 0;
    for (u32 i = 0; i < 6; i++) { tx_data[12 + i] = 0xFF; tx_data[18 + i] = R8(card.device, i); }
    tx_data[24] = 0x88;
    tx_data[25] = 0xB5;
}

static void test_net(void) {
    if (!card.found) { say("net none\n"); return; }
    frame();
    for (u32 seconds = 0; seconds < 5; seconds++) {
        u8 now = cmos(0);
        send(60);
        while (cmos(0) == now) {
            while (done(rx)) {
                u16 id = (u16)rx->u.ring[rx->seen % QUEUE].id;
                u8 *got = rx_data + id * RX_BYTES + 12;
                rx->seen++;
                int ours = got[12] == 0x88 && got[13] == 0xB5;
                offer(rx, id);
                if (ours) { say("net ok\n"); return; }
            }
        }
    }
    say("net silent\n");
}

// ---- The rest

static u64 memory_bytes(void) {
    return (u64)(cmos(0x34) | (u32)cmos(0x35) << 8) * 65536 + (16u << 20);
}

static u32 top(void) {
    u64 bytes = memory_bytes();
    // The firmware's tables lie at the end.
    return bytes > 0x80000000u ? 0x80000000u : (u32)bytes - (1u << 20);
}

static void test_memory(void) {
    volatile u32 *p;
    u32 end = top();
    for (p = (u32 *)TEST_FROM; (u32)p < end; p += 16) *p = pattern((u32)p, 7);
    for (p = (u32 *)TEST_FROM; (u32)p < end; p += 16)
        if (*p != pattern((u32)p, 7)) { say("memory bad\n"); return; }
    say("memory ok ");
    number(memory_bytes());
    put('\n');
}

static void cpuid(u32 leaf, u32 *b, u32 *c, u32 *d) {
    u32 a = leaf;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(*b), "=c"(*c), "=d"(*d));
}

static void words(u32 a, u32 b, u32 c) {
    u32 all[3] = {a, b, c};
    for (int i = 0; i < 12; i++) {
        char k = ((char *)all)[i];
        if (k > ' ' && k < 127) put(k);
    }
}

static void processor(void) {
    u32 b, c, d;
    cpuid(0, &b, &c, &d);
    say("processor ");
    words(b, d, c);
    cpuid(1, &b, &c, &d);
    put(' ');
    if (c >> 31) {
        cpuid(0x40000000, &b, &c, &d);
        words(b, c, d);
    } else {
        say("none");
    }
    put('\n');
}

static void clock(void) {
    u8 now[6], again;
    do {
        while (cmos(10) & 0x80) {
        }
        again = cmos(0);
        now[0] = cmos(9); now[1] = cmos(8); now[2] = cmos(7);
        now[3] = cmos(4); now[4] = cmos(2); now[5] = cmos(0);
    } while (again != now[5]);
    say("clock 20");
    two(now[0]); put('-'); two(now[1]); put('-'); two(now[2]); put('T');
    two(now[3]); put(':'); two(now[4]); put(':'); two(now[5]);
    put('\n');
}

static void load(char kind) {
    u64 did = 0, sector = 0;
    u32 end = top();
    frame();
    say("began\n");
    while (!key()) {
        if (kind == 'b') {
            for (volatile u32 i = 0; i < 100000; i++) {
            }
            did++;
        } else if (kind == 'f') {
            for (u32 p = TEST_FROM; p < end && !(p % 0x100000 == 0 && key()); p += 4096) {
                *(volatile u32 *)p = p;
                did += 4096;
            }
        } else if (kind == 's') {
            if (!card.found) break;
            send(1400);
            did += 1400;
        } else {
            if (!disk.found || !move(kind == 'w', sector, DATA_BYTES)) break;
            did += DATA_BYTES;
            sector += DATA_BYTES / 512;
            if (sector + DATA_BYTES / 512 > sectors) sector = 0;
        }
    }
    say("did ");
    number(did);
    put('\n');
}

static int same(const char *a, const char *b) {
    while (*a && *a == *b) { a++; b++; }
    return *a == *b;
}

static void obey(const char *line) {
    if (same(line, "processor")) processor();
    else if (same(line, "clock")) clock();
    else if (same(line, "memory")) test_memory();
    else if (same(line, "disk")) test_disk();
    else if (same(line, "net")) test_net();
    else if (same(line, "burn")) load('b');
    else if (same(line, "fill")) load('f');
    else if (same(line, "write")) load('w');
    else if (same(line, "read")) load('r');
    else if (same(line, "send")) load('s');
    else if (*line) say("what\n");
}

void run(void) {
    char line[16];
    u32 length = 0;
    disk = device(0x1042);
    if (disk.found) {
        queue(&disk, disk_queue, 0);
        R8(disk.common, 20) = 15;
        sectors = R32(disk.device, 0) | (u64)R32(disk.device, 4) << 32;
    }
    open_card();
    say("\nready\n");
    for (;;) {
        if (!key()) continue;
        char c = (char)inb(SERIAL);
        if (c == '\n') {
            line[length] = 0;
            length = 0;
            obey(line);
        } else if (length < sizeof line - 1) {
            line[length++] = c;
        }
    }
}
