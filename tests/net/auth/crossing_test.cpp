#include "net/auth/two_ends.hpp"
#include "net/nodes/doorkeeper.hpp"

#include <array>
#include <deque>
#include <memory>

// Two nodes that dial each other, with the real handshake and the real doorkeeper, and connections that are queues: so
// that every order of events can be tried (D28, I4). What meeting_place, attempt and live_link do around them is
// repeated here in few lines.

namespace beamline::net {

using namespace testing;

namespace {

using item = std::optional<bytes>;  // Nothing: the other side hung up.

const bytes ready = "ready";  // The first word of a link: its sender has taken the other one for proven.

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// One end of one connection; connection c was dialled by node c.
struct connection_end {
  std::unique_ptr<handshake> talk{};
  std::vector<bytes> held{};  // Proofs that must not go out yet.
  bool has_waited = false, is_waiting = false;
  bool is_answered = false, is_proven = false, is_opening = false, is_ready = false, is_up = false, is_over = false;
};

struct crossing_node {
  end self;
  doorkeeper keeper;
  std::array<connection_end, 2> ends{};
  int ups = 0, downs = 0;

  explicit crossing_node(end e) : self{std::move(e)}, keeper{{.self = self.card, .allow = {}, .peers_max = 8}} {}
};

class crossing {
public:
  crossing() : nodes_{crossing_node{dialling_end()}, crossing_node{accepting_end()}} {}
  crossing(const crossing&) = delete;
  crossing& operator=(const crossing&) = delete;

  explicit crossing(bool has_patience) : crossing() { has_patience_ = has_patience; }

  /// 0, 1: that node dials; 2 to 5: what is first on connection c for node n arrives; 6, 7: that node's dial has waited
  /// long enough for the other one's.
  [[nodiscard]] std::vector<int> possible() const {
    std::vector<int> out;
    for (int n : {0, 1})
      if (!is_dialled_[at(n)] && nodes_[at(n)].ups == 0)
        out.push_back(n);
    for (int c : {0, 1})
      for (int n : {0, 1})
        if (!to_[at(c)][at(n)].empty())
          out.push_back(2 + 2 * c + n);
    for (int n : {0, 1})
      if (const auto& e = nodes_[at(n)].ends[at(n)]; !has_patience_ && e.is_waiting && !e.has_waited)
        out.push_back(6 + n);
    return out;
  }

  void happen(int event) {
    if (event < 2)
      return dial(event);
    if (event >= 6) {
      nodes_[at(event - 6)].ends[at(event - 6)].has_waited = true;
      return go_on(event - 6, event - 6);
    }
    int c = (event - 2) / 2;
    int n = (event - 2) % 2;
    auto& line = to_[at(c)][at(n)];
    auto first = std::move(line.front());
    line.pop_front();
    auto& e = nodes_[at(n)].ends[at(c)];
    if (!e.is_over) {
      if (!first)
        handle_hung_up(c, n);
      else if (e.is_proven)
        handle_ready(c, n);
      else
        handle_message(c, n, *first);
    }
    for (int other : {0, 1})
      go_on(other, n);
  }

  [[nodiscard]] const crossing_node& node(int n) const { return nodes_[at(n)]; }

private:
  using attempt = doorkeeper::attempt;
  static attempt id_of(int c) { return static_cast<attempt>(c); }

  void send(int c, int from, item what) { to_[at(c)][at(1 - from)].push_back(std::move(what)); }

  void dial(int n) {
    is_dialled_[at(n)] = true;
    for (int who : {n, 1 - n}) {
      auto& me = nodes_[at(who)];
      auto e = me.self;
      bool is_acceptor = who != n;
      e.more.judge = [&me, n, is_acceptor](const node_card& card, verdict said) {
        return is_acceptor ? me.keeper.judge_claim(id_of(n), card, time_point{}).what
                           : me.keeper.judge_answer(id_of(n), card, said, time_point{}).what;
      };
      auto side_of = is_acceptor ? side::acceptor : side::dialler;
      me.ends[at(n)].talk = std::make_unique<handshake>(e.make(side_of, static_cast<char>(n)));
      for (auto& m : me.ends[at(n)].talk->begin())
        send(n, who, std::move(m));
    }
  }

  void close(int c, int n) {
    auto& me = nodes_[at(n)];
    me.ends[at(c)].is_over = true;
    me.keeper.over(id_of(c));
    send(c, n, std::nullopt);
  }

  void handle_hung_up(int c, int n) {
    auto& me = nodes_[at(n)];
    if (me.ends[at(c)].is_up) {
      ++me.downs;
      me.keeper.down(nodes_[at(1 - n)].self.card.identity.name);
    }
    me.ends[at(c)].is_up = false;
    close(c, n);
  }

  void handle_message(int c, int n, const bytes& message) {
    auto& e = nodes_[at(n)].ends[at(c)];
    auto step = e.talk->receive(message);
    bool is_proof = c == n || e.is_answered;
    if (c != n && e.is_answered && !step.failed)
      nodes_[at(n)].keeper.shown(id_of(c));
    e.is_answered = true;
    for (auto& m : step.send)
      if (is_proof && !step.failed)
        e.held.push_back(std::move(m));
      else
        send(c, n, std::move(m));
    if (step.failed)
      return close(c, n);
    e.is_proven = step.is_done;
  }

  void go_on(int c, int n) {
    auto& me = nodes_[at(n)];
    auto& e = me.ends[at(c)];
    if (e.is_over || e.is_opening || (e.held.empty() && !e.is_proven))
      return;
    e.is_waiting = me.keeper.must_wait(id_of(c), e.has_waited);
    if (e.is_waiting)
      return;
    for (auto& m : std::exchange(e.held, {}))
      send(c, n, std::move(m));
    if (!e.is_proven)
      return;
    for (auto loser : me.keeper.proven(id_of(c)))
      close(static_cast<int>(loser), n);
    e.is_opening = true;
    send(c, n, ready);
    if (e.is_ready)
      become_up(c, n);
  }

  void handle_ready(int c, int n) {
    auto& e = nodes_[at(n)].ends[at(c)];
    e.is_ready = true;
    if (e.is_opening)
      become_up(c, n);
  }

  void become_up(int c, int n) {
    auto& me = nodes_[at(n)];
    me.ends[at(c)].is_up = true;
    ++me.ups;
    me.keeper.up(nodes_[at(1 - n)].self.card.identity);
    me.keeper.over(id_of(c));
  }

  std::array<crossing_node, 2> nodes_;
  bool has_patience_ = true;
  std::array<bool, 2> is_dialled_{};
  std::array<std::array<std::deque<item>, 2>, 2> to_{};  // By connection, then by receiver.
};

struct tally {
  std::size_t orders = 0;
  std::array<std::size_t, 2> won{};
};

/// Every order of events, from the beginning each time, since a handshake cannot be copied.
void explore(std::vector<int>& path, tally& t, bool has_patience) {
  crossing w{has_patience};
  for (int event : path)
    w.happen(event);
  auto next = w.possible();
  for (int event : next) {
    path.push_back(event);
    explore(path, t, has_patience);
    path.pop_back();
  }
  if (!next.empty())
    return;
  ++t.orders;
  std::string order;
  for (int event : path)
    order += std::to_string(event) + " ";
  CAPTURE(order);
  for (int n : {0, 1}) {
    CAPTURE(n);
    CHECK(w.node(n).ups == 1);
    CHECK(w.node(n).downs == 0);
  }
  for (int c : {0, 1}) {
    CHECK(w.node(0).ends[at(c)].is_up == w.node(1).ends[at(c)].is_up);
    t.won[at(c)] += w.node(0).ends[at(c)].is_up ? 1U : 0U;
  }
}

}  // namespace

TEST_CASE("SY6 with the real doorkeeper, dials from both ends in every order: one link, one nodeup each") {
  bool has_patience = true;
  SUBCASE("that wait for each other") {}
  SUBCASE("that may have waited long enough for each other at any moment") { has_patience = false; }
  std::vector<int> path;
  tally t;
  explore(path, t, has_patience);
  CHECK(t.orders > 1000);
  CHECK(t.won[0] + t.won[1] == t.orders);
  CHECK((t.won[1] > t.won[0] || !has_patience));  // That of the greater name, unless the other one was complete before.
}

}  // namespace beamline::net
