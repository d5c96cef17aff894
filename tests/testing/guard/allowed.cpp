#include "crimes.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <new>
#include <random>
#include <shared_mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <openssl/hmac.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <unistd.h>

namespace beamline::testing::probe {

namespace {

void require(bool is_fine, const char* what) {
  if (!is_fine)
    throw std::runtime_error{what};
}

void locks_that_are_free() {
  std::mutex m;
  {
    std::scoped_lock lock{m};
    require(!m.try_lock(), "a mutex that is held was taken");
  }
  std::recursive_mutex again;
  std::scoped_lock first{again};
  std::scoped_lock second{again};
  std::shared_mutex shared;
  {
    std::shared_lock one{shared};
    std::shared_lock other{shared};
  }
  std::unique_lock alone{shared};
  std::condition_variable c;
  c.notify_all();
  std::once_flag once;
  std::call_once(once, [] {});
  sem_t full;
  require(sem_init(&full, 0, 1) == 0 && sem_wait(&full) == 0, "a semaphore could not be taken");
}

void futures_that_are_ready() {
  std::promise<int> p;
  p.set_value(3);
  require(p.get_future().get() == 3, "a future lost its value");
  std::atomic<int> changed{1};
  changed.wait(0);
  changed.notify_all();
}

void memory_and_exceptions() {
  std::vector<std::unique_ptr<std::string>> kept;
  for (int i = 0; i < 1000; ++i)
    kept.push_back(std::make_unique<std::string>(1000, 'x'));
  auto big = std::make_unique<char[]>(64U << 20);  // Enough for the C library to map it.
  big[0] = 'x';
  try {
    throw std::runtime_error{"thrown"};
  } catch (const std::exception& e) {
    require(std::string{e.what()} == "thrown", "an exception changed");
  }
}

void printing() {
  std::cerr << "guard_probe: on std::cerr\n";
  std::cout << "guard_probe: on std::cout\n" << std::flush;
  std::fprintf(stderr, "guard_probe: %.2f by fprintf\n", 0.5);
  require(::write(STDERR_FILENO, "guard_probe: by write\n", 22) == 22, "write was refused");
  std::ostringstream text;
  text << 1.5 << ' ' << 42;
  require(text.str() == "1.5 42", "a stream printed something else");
}

void time_that_was_given() {
  std::time_t at = 1'700'000'000;
  std::tm parts{};
  char text[32];
  require(gmtime_r(&at, &parts) != nullptr && std::strftime(text, sizeof text, "%F %T", &parts) == 19,
          "a moment could not be printed");
  require(std::string{text} == "2023-11-14 22:13:20", "a moment was printed wrongly");
}

void generators_with_a_seed() {
  std::mt19937_64 numbers{1};
  require(numbers() == 2469588189546311528ULL, "a generator with a seed gave another number");
}

/// Both look at the machine when they are used for the first time, which nobody can see in a run.
void libraries_that_set_themselves_up() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  require(HMAC(EVP_sha256(), "key", 3, digest, 0, digest, &size) != nullptr && size == 32, "OpenSSL failed");
  sqlite3* db = nullptr;
  require(sqlite3_open(":memory:", &db) == SQLITE_OK
              && sqlite3_exec(db, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr)
                     == SQLITE_OK,
          "SQLite failed");
  (void)sqlite3_close(db);
}

}  // namespace

void do_what_is_allowed() {
  locks_that_are_free();
  futures_that_are_ready();
  memory_and_exceptions();
  printing();
  time_that_was_given();
  generators_with_a_seed();
  libraries_that_set_themselves_up();
}

}  // namespace beamline::testing::probe
