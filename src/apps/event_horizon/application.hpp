#pragma once

#include "apps/event_horizon/cluster/picture.hpp"
#include "apps/event_horizon/cluster_calls.hpp"
#include "apps/event_horizon/facade.hpp"
#include "apps/event_horizon/files.hpp"
#include "apps/event_horizon/options.hpp"
#include "base/token.hpp"
#include "supervision/child_spec.hpp"
#include "supervision/executor.hpp"
#include "supervision/nursery.hpp"
#include "web/assets.hpp"
#include "web/live/endpoint.hpp"
#include "web/origin.hpp"
#include "web/router.hpp"
#include "web/session.hpp"

#include <memory>
#include <string>

namespace beamline::event_horizon {

/// The blog of one node: its catalogue, the processes behind its numbers and comments, the one that looks for new
/// posts, the one behind /cluster, and its pages. Made before the node's processes and kept
/// until they and its web server are gone.
class application {
public:
  /// What it is built on; all of it must outlive the application.
  struct parts {
    const token_signer& signer;
    const web::session_codec& cookies;
    const web::asset_store& assets;
    const web::origin_policy& origins;
    supervision::nursery sessions;                // Whose children the views are.
    std::shared_ptr<supervision::executor> disk;  // On which files are read; its jobs end before the node does.
    bool is_development = false;                  // `web.development`.
    std::string remote_prefix{};                  // `cluster.remote_prefix`.
    pid tasks{};                                  // The supervisor of what views have done elsewhere.
  };

  /// Reads the posts. Errors are those of `catalogue::load`: what is wrong with a post is logged, and leaves the
  /// others.
  [[nodiscard]] static result<std::unique_ptr<application>> make(node& home, const parts& p,
                                                                 const event_horizon_options& o);

  /// The processes behind the numbers and comments, as one supervisor; they need `rpc`, the outbox and the PubSub
  /// system, and find them by their names.
  ///
  ///   analytics (one_for_one)
  ///   ├─ numbers       analytics.hpp
  ///   ├─ discussions   discussions.hpp
  ///   ├─ submissions   submissions.hpp
  ///   └─ backlog       backlog.hpp
  [[nodiscard]] supervision::child_spec analytics_child();
  /// The process that shows new and changed posts; comes behind analytics.
  [[nodiscard]] supervision::child_spec posts_child();
  /// The process behind the page /cluster; comes behind the outbox. `role`: of this node, `version`: of its program.
  [[nodiscard]] supervision::child_spec cluster_child(std::string role, std::string version);
  /// Adds the pages to the routes of one life of the web server.
  void add_pages(web::router& routes);

private:
  application(node& home, parts p, catalogue posts, const event_horizon_options& o);

  /// Before the first render of a page: what it shows is fetched, if it is not known.
  [[nodiscard]] web::live::page_preparation prepare_page() const;

  node& home_;
  parts parts_;
  cluster::owners owners_;
  blog blog_;
  cluster_board cluster_;
  content_files files_;
};

}  // namespace beamline::event_horizon
