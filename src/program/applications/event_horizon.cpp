#include "program/applications/event_horizon.hpp"

#include "apps/event_horizon/attendance.hpp"
#include "program/applications/ready_marker.hpp"

namespace beamline::program {

supervision::application event_horizon_application(node_parts& on, event_horizon::application& blog) {
  supervision::application a{.name = "event_horizon", .description = "the blog", .dependencies = {"runtime"}};
  a.type = supervision::application_type::permanent;
  a.start = [&on, &blog](supervision::application_context& c) -> supervision::application_start {
    return supervision::supervisor_spec{
        .flags = {.strategy = supervision::strategy::rest_for_one},
        .children = {blog.analytics_child(), blog.posts_child(),
                     blog.cluster_child(on.section(on.schema.node).role, BEAMLINE_VERSION),
                     event_horizon::attendance_child(),
                     supervision::child<ready_marker>("readiness", &on.ready, c.name())}};
  };
  return a;
}

}  // namespace beamline::program
