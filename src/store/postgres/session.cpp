#include "store/postgres/session.hpp"

#include "base/crypto.hpp"
#include "store/postgres/translate.hpp"
#include "store/sql_text.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <pqxx/pqxx>

namespace beamline::store::postgres {

namespace {

// Types of columns by their numbers in the server's catalogue, which never change.
constexpr pqxx::oid bool_type = 16, bytea_type = 17, int8_type = 20, int2_type = 21, int4_type = 23, oid_type = 26,
                    float4_type = 700, float8_type = 701, numeric_type = 1700;

template <class T>
bool read_number(std::string_view text, T& out) {
  const auto done = std::from_chars(text.data(), text.data() + text.size(), out);
  return done.ec == std::errc{} && done.ptr == text.data() + text.size();
}

value_view number_of(std::string_view text) {
  std::int64_t whole = 0;
  if (read_number(text, whole))
    return whole;
  double real = 0;
  if (read_number(text, real))
    return real;
  return text;  // "NaN" and "Infinity" are read; nothing else comes here.
}

class postgres_row final : public row {
public:
  postgres_row(const pqxx::result& all, const pqxx::row& r)
      : all_{all}, row_{r}, decoded_(static_cast<std::size_t>(all.columns())) {}

  [[nodiscard]] std::size_t size() const override { return decoded_.size(); }
  [[nodiscard]] std::string_view name(std::size_t column) const override {
    return all_.column_name(static_cast<pqxx::row::size_type>(column));
  }
  [[nodiscard]] value_view at(std::size_t column) const override {
    const auto field = row_.at(static_cast<pqxx::row::size_type>(column));
    if (field.is_null())
      return std::monostate{};
    const auto text = std::string_view{field.c_str(), field.size()};
    switch (all_.column_type(static_cast<pqxx::row::size_type>(column))) {
      case bool_type: return std::int64_t{text == "t" ? 1 : 0};
      case int2_type:
      case int4_type:
      case int8_type:
      case oid_type:
      case float4_type:
      case numeric_type: return number_of(text);
      case float8_type: return real_of(text);
      case bytea_type: return blob_view{octets_of(column, text)};
      default: return text;
    }
  }

private:
  /// A real number stays one when it is whole.
  static value_view real_of(std::string_view text) {
    double real = 0;
    return read_number(text, real) ? value_view{real} : value_view{text};
  }

  std::string_view octets_of(std::size_t column, std::string_view text) const {
    auto& octets = decoded_[column];
    if (!octets)
      octets = hex_decode(text.substr(2)).value();  // After the "\x".
    return *octets;
  }

  const pqxx::result& all_;
  pqxx::row row_;
  mutable std::vector<std::optional<std::string>> decoded_;
};

/// A value as the server reads it; empty: null.
std::optional<std::string> text_of(const value_view& v) {
  struct writer {
    std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
    std::optional<std::string> operator()(std::int64_t i) const { return std::to_string(i); }
    std::optional<std::string> operator()(double d) const { return fmt::format("{}", d); }
    std::optional<std::string> operator()(std::string_view s) const { return std::string{s}; }
    std::optional<std::string> operator()(blob_view b) const { return "\\x" + hex(b.octets); }
  };
  return std::visit(writer{}, v);
}

/// What a prepared statement is found by: its types are those of its values.
std::string key_of(std::string_view sql, parameters values) {
  auto key = std::string{sql};
  key += '\0';
  for (std::size_t i = 0; i < values.size(); ++i)
    key += static_cast<char>('0' + values[i].view().index());
  return key;
}

// A lost connection is not made again behind our back: what it was in the middle of is gone with it.
void forbid_reconnecting(pqxx::connection& c) {
#include <pqxx/internal/ignore-deprecated-pre.hxx>
  c.inhibit_reactivation(true);
#include <pqxx/internal/ignore-deprecated-post.hxx>
}

}  // namespace

struct session::impl {
  struct statement {
    std::string name;
    std::uint64_t last_use = 0;
  };

  impl(const options& opts) : server{opts.server.text()}, connection{opts.server.connection_string(opts.settings)} {
    forbid_reconnecting(connection);
  }

  /// Runs `work` and makes an error of what it throws. `sql` is for the message.
  template <class F>
  result<void> guarded(std::string_view sql, F work) {
    last = aftermath::none;
    try {
      work();
      return {};
    } catch (const pqxx::broken_connection&) {
      return note({aftermath::lost, explain_loss(server)});
    } catch (const pqxx::sql_error& e) {
      // The schema changed under prepared statements; nothing else makes them useless.
      if (e.sqlstate() == "0A000")
        statements.clear();  // Prepared again, under other names; those on the server go with the session.
      return note(diagnose(e.sqlstate(), e.what(), server, sql, is_interrupted.load()));
    } catch (const pqxx::statement_completion_unknown&) {
      return note({aftermath::lost, explain_loss(server)});
    } catch (const pqxx::transaction_rollback& e) {
      // Serialization failures and deadlocks, whose codes libpqxx keeps for itself.
      return note(diagnose("40001", e.what(), server, sql, is_interrupted.load()));
    } catch (const pqxx::pqxx_exception& e) {
      // Other classes of libpqxx's carry no code: an answer that could not be read.
      return note({connection.is_open() ? aftermath::failed : aftermath::lost,
                   {errc::io, fmt::format("{} answered what cannot be read: {}", server, e.base().what())}});
    }
  }

  result<void> note(diagnosis d) {
    last = connection.is_open() ? d.what : aftermath::lost;
    if (last == aftermath::lost)
      return explain_loss(server);
    return std::move(d.why);
  }

  result<std::string> prepared(std::string_view sql, parameters values) {
    auto key = key_of(sql, values);
    if (auto found = statements.find(key); found != statements.end()) {
      found->second.last_use = ++uses;
      return found->second.name;
    }
    auto text = translate(sql, values);
    if (!text)
      return text.error();
    if (statements.size() >= statements_max)
      forget_oldest();
    auto name = fmt::format("s{}", ++names);
    connection.prepare(name, *text);
    statements.emplace(std::move(key), statement{name, ++uses});
    return name;
  }

  void forget_oldest() {
    auto oldest = statements.begin();
    for (auto it = statements.begin(); it != statements.end(); ++it)
      if (it->second.last_use < oldest->second.last_use)
        oldest = it;
    connection.unprepare(oldest->second.name);
    statements.erase(oldest);
  }

  void show(const pqxx::result& all, const row_visitor& each) {
    if (!each)
      return;
    for (const auto& r : all)
      each(postgres_row{all, r});
  }

  const std::string server;
  pqxx::connection connection;
  pqxx::quiet_errorhandler quiet{connection};  // Notices would go to standard error.
  std::unordered_map<std::string, statement> statements;
  std::uint64_t names = 0;
  std::uint64_t uses = 0;
  std::int64_t changes = 0;
  aftermath last = aftermath::none;
  std::atomic<bool> is_running{false};  // A statement of an application.
  std::atomic<bool> is_interrupted{false};
};

session::session(std::unique_ptr<impl> i) : impl_{std::move(i)} {}

session::~session() = default;

result<std::unique_ptr<session>> session::connect(const options& opts) {
  try {
    auto s = std::unique_ptr<session>{new session{std::make_unique<impl>(opts)}};
    // A server that acknowledges before the data is on disk is told not to; one that waits for more stays as it is.
    constexpr std::string_view own_settings =
        "SET standard_conforming_strings = on; SET bytea_output = 'hex'; SET extra_float_digits = 1; "
        "SET TimeZone = 'UTC'; SET lock_timeout = {}; SET statement_timeout = {}; "
        "SET idle_in_transaction_session_timeout = {}; "
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
    // 0 would mean no limit.
    const auto lock_ms = std::max<std::int64_t>(1, to_ms(opts.lock_timeout));
    auto done =
        s->run_own(fmt::format(own_settings, lock_ms, to_ms(statement_time_max), to_ms(idle_transaction_time_max)));
    if (!done)
      return done.error();
    return s;
  } catch (const pqxx::pqxx_exception& e) {
    return explain_refusal(e.base().what(), opts.server.text());
  }
}

result<void> session::run(std::string_view sql, parameters values, const row_visitor& each) {
  impl_->last = aftermath::none;
  if (impl_->is_interrupted.load())
    return error{errc::cancelled, "interrupted because the store is closing"};
  // Fetched first, shown then: what a visitor throws is not libpqxx's, and it may run statements of its own.
  auto answer = pqxx::result{};
  auto refused = result<void>{};
  impl_->is_running.store(true);
  auto done = impl_->guarded(sql, [&] {
    auto name = impl_->prepared(sql, values);
    if (!name) {
      refused = name.error();
      return;
    }
    auto texts = std::vector<std::optional<std::string>>{};
    for (std::size_t i = 0; i < values.size(); ++i)
      texts.push_back(text_of(values[i].view()));
    auto pointers = std::vector<const char*>{};
    for (const auto& t : texts)
      pointers.push_back(t ? t->c_str() : nullptr);
    auto statements = pqxx::nontransaction{impl_->connection};
    answer = statements.exec_prepared(*name, pqxx::prepare::make_dynamic_params(pointers.begin(), pointers.end()));
  });
  impl_->is_running.store(false);
  if (!refused)
    impl_->last = aftermath::failed;
  if (!done || !refused)
    return done ? refused : done;
  impl_->changes = static_cast<std::int64_t>(answer.affected_rows());
  impl_->show(answer, each);
  return {};
}

result<void> session::run_own(std::string_view sql, const row_visitor& each) {
  auto answer = pqxx::result{};
  auto done = impl_->guarded(sql, [&] {
    auto statements = pqxx::nontransaction{impl_->connection};
    answer = statements.exec(std::string{sql});
  });
  if (done)
    impl_->show(answer, each);
  return done;
}

std::int64_t session::changes() const { return impl_->changes; }

result<void> session::check() {
  return impl_->guarded({}, [&] {
    // The first call may read only the server's farewell, the second finds the end behind it.
    for (int i = 0; i < 2; ++i)
      impl_->connection.get_notifs();
    if (!impl_->connection.is_open())
      throw pqxx::broken_connection{};
  });
}

aftermath session::last_aftermath() const { return impl_->last; }

void session::cancel() noexcept {
  impl_->is_interrupted.store(true);
  // What the store itself says (COMMIT) is left to finish.
  if (!impl_->is_running.load())
    return;
  try {
    // Only reads what was fixed when the connection was made, so it may be called beside a statement.
    impl_->connection.cancel_query();
  } catch (const std::exception&) {
    // The server is out of reach; then the statement fails by itself.
  }
}

}  // namespace beamline::store::postgres
