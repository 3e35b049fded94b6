// Counts primes on four threads of wasi-threads: atomics, waiting and notifying without a C library.

__attribute__((import_module("wasi"), import_name("thread-spawn"))) int thread_spawn(void *argument);

static _Atomic int next;
static _Atomic int found;
static int finished;
static int limit;

static int is_prime(int number) {
    if (number < 2) return 0;
    for (int divisor = 2; divisor * divisor <= number; divisor++)
        if (number % divisor == 0) return 0;
    return 1;
}

// Threads keep everything in registers: each would need a C stack of its own otherwise.
void wasi_thread_start(int thread, void *argument) {
    (void)thread;
    (void)argument;
    for (;;) {
        int number = __atomic_fetch_add((int *)&next, 1, __ATOMIC_SEQ_CST);
        if (number >= limit) break;
        if (is_prime(number)) __atomic_fetch_add((int *)&found, 1, __ATOMIC_SEQ_CST);
    }
    __atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
    __builtin_wasm_memory_atomic_notify(&finished, 1);
}

int count(int below) {
    next = found = 0;
    limit = below;
    __atomic_store_n(&finished, 0, __ATOMIC_SEQ_CST);
    for (int thread = 0; thread < 4; thread++)
        if (thread_spawn(0) <= 0) return -1;
    int done;
    while ((done = __atomic_load_n(&finished, __ATOMIC_SEQ_CST)) < 4)
        __builtin_wasm_memory_atomic_wait32(&finished, done, -1);
    return found;
}
