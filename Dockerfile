# AUCMEDI-XAI with every engine, for models and images that are mounted:
#   docker build -t aucmedi-xai .
#   docker run --rm --network none -v "$PWD/model:/model:ro" -v "$PWD/images:/images:ro" -v "$PWD/out:/out" \
#     aucmedi-xai explain --model /model/net.pt --images /images --method gradcam --output /out
# docs/security.md has the options for a model that is not trusted.

FROM maven:3.9-eclipse-temurin-21 AS build
WORKDIR /source
COPY . .
RUN mvn -B -ntp -Pdistribution -DskipTests -Dspotless.check.skip package \
    && cd /opt && jar xf /source/aucmedi-xai-distribution/target/aucmedi-xai-*.zip && mv aucmedi-xai-* aucmedi-xai \
    && chmod +x aucmedi-xai/bin/aucmedi-xai

FROM eclipse-temurin:21-jre
COPY --from=build /opt/aucmedi-xai /opt/aucmedi-xai
ENV DJL_CACHE_DIR=/opt/djl-cache
# Starts each engine once, which unpacks its native libraries: the container's file system may then be read-only.
RUN /opt/aucmedi-xai/bin/aucmedi-xai doctor && chmod -R a+rX /opt/djl-cache
USER 1000:1000
WORKDIR /tmp
ENTRYPOINT ["/opt/aucmedi-xai/bin/aucmedi-xai"]
