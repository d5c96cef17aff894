#pragma once

#include "apps/event_horizon/cluster/cluster_watch.hpp"
#include "apps/event_horizon/cluster/sparkline.hpp"
#include "apps/event_horizon/content/feeds.hpp"
#include "web/live/assign.hpp"
#include "web/live/view.hpp"

#include <string>
#include <vector>

namespace beamline::event_horizon {

/// How the cluster is, at /cluster: its nodes and how far they are from each other and from the reader, what waits for
/// the accumulator, what happened to the links. As the host that serves the page sees it, at most one change a second.
/// Everybody may look, so it says nothing that only operators should know.
class cluster_page final : public web::live::view_of<cluster_page, cluster_changed> {
public:
  struct assigns {
    web::live::assign<picture_ref> now;  // Null: the host has only just started.
  };

  void mount(const web::live::mount_params& p, web::live::view_socket& s) override;
  void handle_event(const web::live::event& e, web::live::view_socket& s) override;
  void handle_info(const cluster_changed& m, web::live::view_socket& s);
  [[nodiscard]] web::live::rendered render(web::live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;
  [[nodiscard]] safe_html head() const override;

private:
  assigns assigns_;
  site_facts site_;
};

// What the template says about a picture.

/// The accumulator that is there, else the one that went last; null: none was ever seen.
[[nodiscard]] const cluster_picture::node* accumulator_of(const cluster_picture& p);
/// `3 of 4`: how many nodes are there.
[[nodiscard]] std::string presence_text(const cluster_picture& p);
/// The table of latencies, row by row: a cell is a latency, or a dash.
struct latency_row {
  std::string from;
  std::vector<std::string> cells;
};
[[nodiscard]] std::vector<latency_row> latency_rows(const cluster_picture& p);
/// What the outbox is doing, in words.
[[nodiscard]] std::string state_text(const cluster_picture::outbox& o);
/// `14:03:07`
[[nodiscard]] std::string clock_of(wall_time at);

}  // namespace beamline::event_horizon
