# The HTTP API, web page and command line of jmere, without torch.
#   docker build -t jmere .
#   docker run -p 127.0.0.1:8000:8000 jmere
#   docker run -i --rm jmere extract - < posts.jsonl
FROM python:3.12-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY requirements requirements
COPY src src
COPY configs configs
COPY recipes recipes
RUN python -m venv /opt/jmere \
    && /opt/jmere/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/image.txt \
    && /opt/jmere/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 jmere
COPY --from=build /opt/jmere /opt/jmere
ENV PATH=/opt/jmere/bin:$PATH PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1
USER 10001
WORKDIR /home/jmere
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["jmere"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
