#include "store/sqlite/connection.hpp"

#include "store/sql_text.hpp"
#include "store/sqlite/errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

namespace beamline::store::sqlite {

namespace {

// The progress handler, which notices an interrupt, runs once per this many steps of SQLite's machine.
constexpr int progress_steps = 1000;

constexpr std::array<std::string_view, 7> control_sql = {
    "BEGIN IMMEDIATE", "BEGIN DEFERRED", "COMMIT", "ROLLBACK", "SAVEPOINT one", "RELEASE one", "ROLLBACK TO one"};

template <class T>
class flag_guard {
public:
  flag_guard(T& flag, T value) : flag_{flag}, before_{std::exchange(flag, value)} {}
  ~flag_guard() { flag_ = before_; }
  flag_guard(const flag_guard&) = delete;
  flag_guard& operator=(const flag_guard&) = delete;

private:
  T& flag_;
  T before_;
};

class sqlite_row final : public row {
public:
  explicit sqlite_row(sqlite3_stmt* s) : stmt_{s}, size_{static_cast<std::size_t>(sqlite3_column_count(s))} {}

  [[nodiscard]] std::size_t size() const override { return size_; }
  [[nodiscard]] std::string_view name(std::size_t column) const override {
    const char* text = sqlite3_column_name(stmt_, static_cast<int>(column));
    return text ? text : "";
  }
  [[nodiscard]] value_view at(std::size_t column) const override {
    const auto i = static_cast<int>(column);
    switch (sqlite3_column_type(stmt_, i)) {
      case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(stmt_, i)};
      case SQLITE_FLOAT: return sqlite3_column_double(stmt_, i);
      case SQLITE_TEXT: {
        auto* text = reinterpret_cast<const char*>(sqlite3_column_text(stmt_, i));
        return std::string_view{text, static_cast<std::size_t>(sqlite3_column_bytes(stmt_, i))};
      }
      case SQLITE_BLOB: {
        auto* data = static_cast<const char*>(sqlite3_column_blob(stmt_, i));
        return blob_view{{data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(stmt_, i))}};
      }
      default: return std::monostate{};
    }
  }

private:
  sqlite3_stmt* stmt_;
  std::size_t size_;
};

struct binder {
  sqlite3_stmt* stmt;
  int position;

  int operator()(std::monostate) const { return sqlite3_bind_null(stmt, position); }
  int operator()(std::int64_t v) const { return sqlite3_bind_int64(stmt, position, v); }
  int operator()(double v) const { return sqlite3_bind_double(stmt, position, v); }
  int operator()(std::string_view v) const {
    // A null pointer would be bound as null, not as empty text. SQLITE_STATIC: values outlive the step.
    return sqlite3_bind_text64(stmt, position, v.data() ? v.data() : "", v.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int operator()(blob_view v) const {
    if (v.octets.empty())
      return sqlite3_bind_zeroblob(stmt, position, 0);
    return sqlite3_bind_blob64(stmt, position, v.octets.data(), v.octets.size(), SQLITE_STATIC);
  }
};

}  // namespace

struct connection::statement {
  explicit statement(sqlite3_stmt* s) : stmt{s} {}
  ~statement() { sqlite3_finalize(stmt); }
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;

  sqlite3_stmt* stmt;
  std::vector<std::size_t> placeholders;  // For each of SQLite's positions, the index of the value.
  std::size_t values = 0;                 // Highest number used: `$3` makes it 3.
  bool is_running = false;
  std::uint64_t last_use = 0;
};

result<std::unique_ptr<connection>> connection::open(const options& opts) {
  auto file = fmt::format("\"{}\"", opts.path);
  sqlite3* db = nullptr;
  const auto flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const auto code = sqlite3_open_v2(opts.path.c_str(), &db, flags, opts.vfs.empty() ? nullptr : opts.vfs.c_str());
  if (!db)
    return error{errc::io, fmt::format("out of memory while opening {}", file)};
  auto c = std::unique_ptr<connection>{new connection{db, std::move(file)}};
  if (code != SQLITE_OK)
    return c->last_error({});
  const auto timeout_ms = std::clamp<std::int64_t>(to_ms(opts.busy_timeout), 0, std::numeric_limits<int>::max());
  sqlite3_busy_timeout(db, static_cast<int>(timeout_ms));
  sqlite3_set_authorizer(db, &connection::authorize, c.get());
  sqlite3_progress_handler(db, progress_steps, &connection::progress, c.get());
  return c;
}

connection::connection(sqlite3* db, std::string file) : db_{db}, file_{std::move(file)} {
  controls_.resize(control_sql.size());
}

connection::~connection() {
  cache_.clear();
  controls_.clear();
  sqlite3_close(db_);
}

int connection::authorize(void* self, int action, const char*, const char*, const char*, const char*) {
  if (!static_cast<connection*>(self)->is_restricted_)
    return SQLITE_OK;
  switch (action) {
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
    case SQLITE_PRAGMA:
    case SQLITE_ATTACH:
    case SQLITE_DETACH: return SQLITE_DENY;
    default: return SQLITE_OK;
  }
}

int connection::progress(void* self) {
  auto& c = *static_cast<connection*>(self);
  // Only applications are interrupted: BEGIN and COMMIT finish what they began.
  return c.is_restricted_ && c.is_interrupted_.load(std::memory_order_relaxed) ? 1 : 0;
}

error connection::last_error(std::string_view sql) const { return explain(db_, file_, sql); }

result<std::unique_ptr<connection::statement>> connection::prepare(std::string_view sql, bool is_kept,
                                                                   std::string_view* rest) {
  if (sql.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return error{errc::too_large, fmt::format("a statement of {} bytes is too long", sql.size())};
  sqlite3_stmt* stmt = nullptr;
  const char* tail = nullptr;
  const auto flags = is_kept ? unsigned{SQLITE_PREPARE_PERSISTENT} : 0U;
  if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), flags, &stmt, &tail) != SQLITE_OK)
    return last_error(sql);
  auto s = std::make_unique<statement>(stmt);
  *rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  const auto count = stmt ? sqlite3_bind_parameter_count(stmt) : 0;
  for (int position = 1; position <= count; ++position) {
    const char* name = sqlite3_bind_parameter_name(stmt, position);
    const auto text = std::string_view{name ? name : "?"};
    std::size_t number = 0;
    const auto parsed = std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (text.front() != '$' || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || number == 0)
      return error{errc::invalid,
                   fmt::format("placeholder \"{}\" is not of the form $1, $2, ... in \"{}\"", text, excerpt(sql))};
    s->placeholders.push_back(number - 1);
    s->values = std::max(s->values, number);
  }
  return s;
}

result<connection::statement*> connection::cached(std::string_view sql) {
  if (auto found = cache_.find(sql); found != cache_.end())
    return found->second.get();
  auto rest = std::string_view{};
  auto made = prepare(sql, true, &rest);
  if (!made)
    return made.error();
  if (!(*made)->stmt)
    return error{errc::invalid, "a statement is empty"};
  if (rest.find_first_not_of(" \t\r\n;") != std::string_view::npos)
    return error{errc::invalid, fmt::format("one statement at a time, but \"{}\" follows \"{}\"", excerpt(rest),
                                            excerpt(sql.substr(0, sql.size() - rest.size())))};
  make_room();
  return cache_.emplace(std::string{sql}, std::move(*made)).first->second.get();
}

void connection::make_room() {
  if (cache_.size() < statements_max)
    return;
  auto oldest = cache_.end();
  for (auto it = cache_.begin(); it != cache_.end(); ++it)
    if (!it->second->is_running && (oldest == cache_.end() || it->second->last_use < oldest->second->last_use))
      oldest = it;
  if (oldest != cache_.end())
    cache_.erase(oldest);
}

result<void> connection::bind(statement& s, std::string_view sql, parameters values) {
  if (values.size() != s.values)
    return error{errc::invalid, fmt::format("{} values were given for {} placeholders in \"{}\"", values.size(),
                                            s.values, excerpt(sql))};
  for (std::size_t i = 0; i < s.placeholders.size(); ++i) {
    const auto position = static_cast<int>(i + 1);
    if (std::visit(binder{s.stmt, position}, values[s.placeholders[i]].view()) != SQLITE_OK)
      return last_error(sql);
  }
  return {};
}

result<void> connection::step(statement& s, std::string_view sql, const row_visitor& each) {
  for (;;) {
    const auto code = sqlite3_step(s.stmt);
    if (code == SQLITE_DONE)
      return {};
    if (code != SQLITE_ROW)
      return last_error(sql);
    if (each) {
      // The visitor is application code; what it runs sets the flag again for itself.
      each(sqlite_row{s.stmt});
    }
  }
}

result<void> connection::run_prepared(statement& s, std::string_view sql, parameters values, access allowed,
                                      const row_visitor& each) {
  if (allowed == access::read && !sqlite3_stmt_readonly(s.stmt))
    return error{errc::denied, fmt::format("a read may not change the database, use transact: \"{}\"", excerpt(sql))};
  struct reset {
    statement& s;
    ~reset() {
      sqlite3_reset(s.stmt);
      sqlite3_clear_bindings(s.stmt);
      s.is_running = false;
    }
  };
  s.is_running = true;
  s.last_use = ++uses_;
  auto at_end = reset{s};
  if (auto bound = bind(s, sql, values); !bound)
    return bound;
  return step(s, sql, each);
}

result<void> connection::run(std::string_view sql, parameters values, access allowed, const row_visitor& each) {
  if (is_interrupted_.load(std::memory_order_relaxed))
    return explain(SQLITE_INTERRUPT, {}, file_);
  auto restricted = flag_guard{is_restricted_, true};
  auto found = cached(sql);
  if (!found)
    return found.error();
  if (!(*found)->is_running)
    return run_prepared(**found, sql, values, allowed, each);
  // The same statement again from within its own rows: a second copy, just for this.
  auto rest = std::string_view{};
  auto copy = prepare(sql, false, &rest);
  if (!copy)
    return copy.error();
  return run_prepared(**copy, sql, values, allowed, each);
}

result<void> connection::run_script(std::string_view sql) {
  auto restricted = flag_guard{is_restricted_, true};
  while (!sql.empty()) {
    auto rest = std::string_view{};
    auto s = prepare(sql, false, &rest);
    if (!s)
      return s.error();
    const auto text = sql.substr(0, sql.size() - rest.size());
    if ((*s)->stmt)
      if (auto done = run_prepared(**s, text, {}, access::write, {}); !done)
        return done;
    sql = rest;
  }
  return {};
}

result<void> connection::run_own(std::string_view sql, parameters values, const row_visitor& each) {
  auto rest = std::string_view{};
  auto s = prepare(sql, false, &rest);
  if (!s)
    return s.error();
  return run_prepared(**s, sql, values, access::write, each);
}

result<void> connection::run_control(control what) {
  const auto index = static_cast<std::size_t>(what);
  auto& slot = controls_[index];
  if (!slot) {
    auto rest = std::string_view{};
    auto s = prepare(control_sql[index], true, &rest);
    if (!s)
      return s.error();
    slot = std::move(*s);
  }
  return run_prepared(*slot, control_sql[index], {}, access::write, {});
}

bool connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

bool connection::has_open_foreign_keys() const {
  int current = 0;
  int highest = 0;
  return sqlite3_db_status(db_, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0) == SQLITE_OK && current != 0;
}

bool connection::is_read_only() const { return sqlite3_db_readonly(db_, "main") == 1; }

std::int64_t connection::changes() const { return sqlite3_changes64(db_); }

}  // namespace beamline::store::sqlite
