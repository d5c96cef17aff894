#pragma once

#include "web/live/page.hpp"
#include "web/live/tokens.hpp"
#include "web/live/view_instance.hpp"
#include "web/live/view_site.hpp"
#include "web/responder.hpp"
#include "web/session.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::web::live {

/// The process that makes the first HTML of a page: mounts the view, and the views nested in it, without a connection,
/// answers the request and ends.
///
/// What is answered: the page; 302 when the view, or one in it, goes elsewhere; the status of an `http_error`; 500 when
/// one throws, with one report (view_crash.hpp), which in development is shown in the browser as well.
class dead_render final : public process, private view_owner {
public:
  struct setup {
    std::unique_ptr<view> what;
    mount_params mount;
    session_token token;  // Complete.
    container_element container{};
    page_title title;
    std::string csrf_token;
    flash_messages flash;
    route_function route;
    view_site site;
    /// A new view of that name, for nested ones; null: there is none.
    std::function<std::unique_ptr<view>(std::string_view name)> find_view{};
    const page_layout* layout = nullptr;
    std::vector<std::string> cookies;  // `set-cookie` headers of the answer.
    bool is_secure = false;            // Browsers reach the site by https: so must its cookies.
    std::shared_ptr<responder> answer;
  };

  dead_render(process_context& c, setup s);

private:
  struct sent_elsewhere;

  behavior init() override;
  // Nothing happens to a view that is rendered once.
  void view_ran() override {}
  void view_threw(std::string, const std::exception_ptr&) override {}
  void patch_root(patch_to target) override;

  [[nodiscard]] web::response make_answer();
  [[nodiscard]] web::response page();
  [[nodiscard]] web::response failure(const std::exception_ptr& thrown);
  [[nodiscard]] web::response redirect_response(const std::string& to, const json& flash);
  [[nodiscard]] std::string mount_and_render(view_instance& view, mount_params p);
  [[nodiscard]] safe_html render_nested(const nested_view_spec& spec, const json& session);
  [[nodiscard]] nested_view_placer placer_for(const std::string& view_id);

  setup setup_;
  std::vector<std::unique_ptr<nested_places>> places_;
  std::string rendering_;  // The name of the view that is being rendered, for reports.
};

}  // namespace beamline::web::live
