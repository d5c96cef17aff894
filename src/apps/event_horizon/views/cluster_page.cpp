#include "apps/event_horizon/views/cluster_page.hpp"

#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/resubscribe.hpp"
#include "apps/event_horizon/site.hpp"
#include "apps/event_horizon/views/cluster_page.heex.hpp"
#include "apps/event_horizon/views/moments.hpp"
#include "apps/event_horizon/views/post_head.hpp"

#include <algorithm>

namespace beamline::event_horizon {

namespace live = web::live;

void cluster_page::mount(const live::mount_params&, live::view_socket& s) {
  assigns_.now = s.env().get<cluster_board>().now();
  site_ = facts_of(s.env().get<blog>());
  if (s.connected())
    keep_subscribed<picture_ref>(s, cluster_watch_on(s.env()), watch_cluster{s.self()},
                                 [this](const picture_ref& now) { assigns_.now = now; });
}

void cluster_page::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "ping")
    return view::handle_event(e, s);
  s.reply(json::object());  // The browser measures how long this took.
}

void cluster_page::handle_info(const cluster_changed& m, live::view_socket&) { assigns_.now = m.now; }

live::rendered cluster_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string cluster_page::title() const { return "Cluster"; }

safe_html cluster_page::head() const { return list_head(site_, title(), "/cluster"); }

const cluster_picture::node* accumulator_of(const cluster_picture& p) {
  const cluster_picture::node* out = nullptr;
  for (const auto& n : p.nodes)
    if (n.is_accumulator && (out == nullptr || (!out->is_up && (n.is_up || n.lasts < out->lasts))))
      out = &n;
  return out;
}

std::string presence_text(const cluster_picture& p) {
  const auto there = std::count_if(p.nodes.begin(), p.nodes.end(), [](const auto& n) { return n.is_up; });
  return std::to_string(there) + " of " + std::to_string(p.nodes.size());
}

std::string state_text(const cluster_picture::outbox& o) {
  using state = cluster_picture::outbox::state;
  switch (o.is) {
    case state::loading: return "reading what was kept";
    case state::failing:
      return o.target ? "the accumulator did not take the last attempt; it is tried again"
                      : "waiting for the accumulator, which did not take the last attempt";
    case state::sending: return "sending";
    case state::waiting: return o.target ? "about to send" : "waiting for the accumulator";
    case state::idle: break;
  }
  return "empty";
}

std::vector<latency_row> latency_rows(const cluster_picture& p) {
  std::vector<latency_row> out;
  for (std::size_t from = 0; from < p.measured.size(); ++from) {
    auto& row = out.emplace_back(latency_row{p.measured[from], {}});
    for (const auto& cell : p.latencies[from])
      row.cells.push_back(cell ? ms_words(*cell) : "–");
  }
  return out;
}

std::string clock_of(wall_time at) { return machine_moment(at).substr(11, 8); }

}  // namespace beamline::event_horizon
