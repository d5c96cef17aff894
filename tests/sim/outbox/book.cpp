#include "sim/outbox/book.hpp"

#include "base/telemetry.hpp"
#include "net/rpc/procedure.hpp"
#include "net/rpc/server.hpp"
#include "sim/outbox/events.hpp"
#include "sim/outbox/reader.hpp"
#include "supervision/depend_on.hpp"
#include "testing/simulated_node.hpp"

#include <memory>
#include <optional>
#include <tuple>

namespace beamline::sim_outbox {

namespace {

namespace ob = net::outbox;

constexpr std::string_view create_book = R"sql(
CREATE TABLE seen (event_id TEXT NOT NULL PRIMARY KEY);
CREATE TABLE book (line INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL);
)sql";
constexpr std::string_view insert_seen = "INSERT INTO seen (event_id) VALUES ($1) ON CONFLICT DO NOTHING";
constexpr std::string_view insert_line = "INSERT INTO book (token) VALUES ($1)";
constexpr std::string_view select_lines = "SELECT token FROM book ORDER BY line";

result<ob::event_outcome> apply(store::transaction& tx, const ob::event& e) {
  auto id = e.id.str();
  if (auto r = tx.execute(insert_seen, {id}); !r)
    return r.error();
  if (tx.changes() == 0)
    return ob::event_outcome::duplicate;
  for (const auto& token : tokens_in(e.payload))
    if (auto r = tx.execute(insert_line, {token}); !r)
      return r.error();
  return ob::event_outcome::applied;
}

}  // namespace

behavior book::init() {
  hold_start();
  env().get<store::database>().migrate("book", {{1, "book", create_book}}, resume_with([this](const result<void>& r) {
                                         if (!r)
                                           return stop(reason::custom("cannot begin: " + r.error().message));
                                         serve();
                                       }));
  return handlers([this](const ob::handle_buffered_event& m) { return handle_batch(m); });
}

void book::serve() {
  supervision::depend_on(process_access{*this}, net::rpc::rpc_on(env()), [this](const pid& rpc) {
    auto p = net::rpc::served_procedure<ob::handle_buffered_event, ob::event_answers>(self());
    cast(rpc, net::rpc::register_procedures{{std::move(p)}, self()});
    confirm_start();
  });
}

/// The whole batch is one transaction.
process::deferred book::handle_batch(const ob::handle_buffered_event& m) {
  auto to = promise<ob::event_answers>();
  env().get<store::database>().transact(
      [m](store::transaction& tx) -> result<std::vector<ob::event_outcome>> {
        std::vector<ob::event_outcome> out;
        for (const auto& e : m.events) {
          auto o = apply(tx, e);
          if (!o)
            return o.error();
          out.push_back(*o);
        }
        return out;
      },
      resume_with([this, m, to](const result<std::vector<ob::event_outcome>>& r) {
        ob::event_answers answers;
        for (std::size_t i = 0; i < m.events.size(); ++i) {
          if (!r) {
            answers.answers.push_back({.id = m.events[i].id, .why = r.error().message});
            continue;
          }
          if ((*r)[i] == ob::event_outcome::applied)
            for (const auto& token : tokens_in(m.events[i].payload))
              env().events().emit(applied{token});
          answers.answers.push_back({.id = m.events[i].id, .outcome = (*r)[i]});
        }
        to.set(answers);
      }));
  return to;
}

std::vector<std::string> tokens_of(testing::world& w, const std::string& target) {
  auto* n = w.find_node(target);
  if (n == nullptr)
    throw testing::simulation_error{target + " does not run"};
  auto found = std::make_shared<std::optional<result<std::vector<std::tuple<std::string>>>>>();
  n->env().get<store::database>().read([](store::transaction& tx) { return tx.select<std::string>(select_lines); },
                                       [found](const auto& r) { *found = r; });
  w.run_until([&] { return found->has_value(); }, 5s);
  if (!*found || !**found)
    throw testing::simulation_error{
        "the book of " + target + " cannot be read: " + (*found ? (*found)->error().message : "no answer within 5 s")};
  std::vector<std::string> out;
  for (const auto& line : ***found)
    out.push_back(std::get<0>(line));
  return out;
}

testing::effect_counts count(const std::vector<std::string>& tokens) {
  testing::effect_counts out;
  for (const auto& t : tokens)
    ++out[t];
  return out;
}

}  // namespace beamline::sim_outbox
