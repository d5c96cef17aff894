// Linked into a program this makes jemalloc its allocator. Why: docs/decisions/0013-jemalloc.md.

extern "C" {

// Read by jemalloc before `main`; $MALLOC_CONF is stronger. A thread of its own gives back what was freed 10 s ago,
// also while the program is idle.
extern const char* malloc_conf;  // The library declares it weakly, so that a program can say this.
const char* malloc_conf = "background_thread:true";
}
