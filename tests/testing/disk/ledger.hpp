#pragma once

#include "base/random.hpp"
#include "store/core.hpp"
#include "store/support.hpp"
#include "testing/disk/simulated_disk.hpp"
#include "testing/machine.hpp"
#include "testing/world.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sqlite3.h>

namespace beamline::testing::test {

inline constexpr auto file = "a.db";

/// Transactions on a simulated disk and what was said about them. Each writes several rows on several pages and moves
/// a counter, so that half of one can be told from all of it.
class ledger {
public:
  explicit ledger(machine& m) : machine_{m} {}

  /// Begins a run: opens the database, which must be possible, and its schema.
  void open() {
    core_ = try_open();
    REQUIRE(core_ != nullptr);
    REQUIRE(migrate());
  }
  /// Null: it could not be opened.
  std::unique_ptr<store::core> try_open() {
    auto opened = store::sqlite::open({.path = file, .vfs = machine_.disk().vfs(), .busy_timeout = {}}, time_);
    return opened ? std::move(opened->writer) : nullptr;
  }
  bool migrate() {
    return core_
        ->migrate("ledger",
                  std::vector<store::migration>{{1, "tables",
                                                 "CREATE TABLE part (id INTEGER, n INTEGER, data BLOB, PRIMARY "
                                                 "KEY (id, n)); CREATE TABLE total (n INTEGER); INSERT INTO "
                                                 "total VALUES (0)"}})
        .ok();
  }
  store::core& core() { return *core_; }
  void close() { core_.reset(); }
  void use(std::unique_ptr<store::core> core) { core_ = std::move(core); }
  /// The connection of a run that is over.
  std::unique_ptr<store::core> take() { return std::move(core_); }

  /// A group of transactions. True: all of them were acknowledged.
  bool write(std::size_t transactions = 1) {
    std::vector<store::database::work> batch;
    for (std::size_t i = 0; i < transactions; ++i) {
      const auto id = ++last_;
      batch.emplace_back([this, id](store::transaction& tx) { return insert(tx, id); });
    }
    bool is_all = true;
    auto outcomes = core_->write(batch);
    auto id = last_ - static_cast<std::int64_t>(transactions);
    for (const auto& outcome : outcomes) {
      ++id;
      is_all = is_all && outcome.ok();
      (outcome ? acknowledged_ : doubtful_).insert(id);
      if (outcome)  // It was made on top of those.
        acknowledged_.merge(seen_);
    }
    return is_all;
  }

  /// What must hold on a database that was opened again; empty: all does.
  std::string find_fault() {
    auto stored = std::map<std::int64_t, std::int64_t>{};
    std::int64_t total = -1;
    auto done = core_->read([&](store::transaction& tx) -> result<void> {
      stored.clear();
      if (auto read = tx.query("SELECT id, n, data FROM part", {},
                               [&](const store::row& r) {
                                 const auto octets = r.get<store::blob_view>(2).octets;
                                 if (octets.size() == size_of(r.get<std::int64_t>(0), r.get<std::int64_t>(1)))
                                   ++stored[r.get<std::int64_t>(0)];
                               });
          !read)
        return read;
      return tx.query("SELECT n FROM total", {}, [&](const store::row& r) { total = r.get<std::int64_t>(0); });
    });
    if (!done)
      return "reading failed: " + done.error().message;
    for (auto id : acknowledged_)
      if (!stored.contains(id))
        return "acknowledged transaction " + std::to_string(id) + " is lost";
    for (const auto& [id, parts] : stored) {
      if (parts != parts_of(id))
        return "of transaction " + std::to_string(id) + " only a part is there";
      if (!acknowledged_.contains(id) && !doubtful_.contains(id) && !seen_.contains(id))
        return "transaction " + std::to_string(id) + " came from nowhere";
    }
    // What was in doubt is decided now: it is there or it never will be.
    seen_.merge(doubtful_);
    doubtful_.clear();
    std::erase_if(seen_, [&](auto id) { return acknowledged_.contains(id) || !stored.contains(id); });
    if (total != static_cast<std::int64_t>(stored.size()))
      return "the counter says " + std::to_string(total) + " of " + std::to_string(stored.size());
    return {};
  }

  /// SQLite's own opinion; "ok" is good.
  std::string quick_check() {
    sqlite3* db = nullptr;
    std::string verdict = "not opened";
    if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, machine_.disk().vfs().c_str()) == SQLITE_OK) {
      auto take = [](void* out, int, char** values, char**) {
        *static_cast<std::string*>(out) = values[0];
        return 0;
      };
      char* message = nullptr;
      if (sqlite3_exec(db, "PRAGMA quick_check(1)", take, &verdict, &message) != SQLITE_OK)
        verdict = message;
      sqlite3_free(message);
    }
    sqlite3_close(db);
    return verdict;
  }

  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_.size(); }

private:
  static std::int64_t parts_of(std::int64_t id) { return 1 + static_cast<std::int64_t>(mix64(id) % 5); }
  static std::size_t size_of(std::int64_t id, std::int64_t n) {
    return 16 + mix64(static_cast<std::uint64_t>(id * 31 + n)) % 3000;
  }

  result<void> insert(store::transaction& tx, std::int64_t id) {
    for (std::int64_t n = 0; n < parts_of(id); ++n) {
      const auto data = std::string(size_of(id, n), static_cast<char>(id));
      if (auto done = tx.execute("INSERT INTO part VALUES ($1, $2, $3)", {id, n, store::blob_view{data}}); !done)
        return done;
    }
    return tx.execute("UPDATE total SET n = n + 1");
  }

  machine& machine_;
  manual_clock time_;
  std::unique_ptr<store::core> core_;
  std::int64_t last_ = 0;
  std::set<std::int64_t> acknowledged_;
  std::set<std::int64_t> doubtful_;  // Failed: may be found all the same, until somebody looked.
  std::set<std::int64_t> seen_;  // Found all the same. (Not durable until the next commit, if only the process died.)
};

/// Ends the run of the machine in the middle of its k-th operation on a file from now on; counts them all.
class strike {
public:
  strike(machine& m, std::uint64_t k, node_end how) : machine_{m} {
    m.disk().set_judge([this, k, how](simulated_disk::operation, std::string_view) {
      if (++operations_ == k)
        machine_.disk().node_ended(how);
      return simulated_disk::verdict::allow;
    });
  }
  ~strike() { machine_.disk().set_judge({}); }
  strike(const strike&) = delete;
  strike& operator=(const strike&) = delete;

  [[nodiscard]] std::uint64_t operations() const { return operations_; }

private:
  machine& machine_;
  std::uint64_t operations_ = 0;
};

}  // namespace beamline::testing::test
